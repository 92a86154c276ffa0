"""The page to try the API. In a browser: tests/browser/test_tryout.py."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

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
