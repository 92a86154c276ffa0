"""The page to try the API. In a browser: tests/browser/test_tryout.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from hub.http import tryout
from hub.http.tryout import FILES, PAGE, POLICY, add_tryout


def test_the_page_loads_only_what_is_served() -> None:
    """Every file that it names has a route, and lies in the bundle or here."""
    app = web.Application()
    add_tryout(app)
    served = {resource.canonical for resource in app.router.resources()}
    named = re.findall(r'(?:src|href)="docs/([^"]+)"', PAGE)
    assert {f"/api/docs/{name}" for name in named} <= served
    assert all((Path(str(swagger_ui_path)) / name).is_file() for name in FILES)


def test_nothing_comes_from_elsewhere() -> None:
    """Neither by the page nor by its policy; scripts stand in files."""
    assert "//" not in PAGE
    assert "http" not in POLICY
    assert "script-src 'self';" in POLICY
    assert re.search(r"<script>|\son\w+=", PAGE) is None


async def test_documents_are_written_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at the start of a hub, which they would double; and once for all who ask."""
    written = []

    def write() -> str:
        written.append("openapi")
        return '{"openapi": "3.1.0"}'

    monkeypatch.setattr(tryout, "openapi_json", write)
    app = web.Application()
    add_tryout(app)
    async with TestClient(TestServer(app)) as client:
        assert written == []
        for _ in range(2):
            response = await client.get("/api/openapi.json")
            assert (response.content_type, await response.json()) == ("application/json", {"openapi": "3.1.0"})
    assert written == ["openapi"]
