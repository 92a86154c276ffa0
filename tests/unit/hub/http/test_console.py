"""The built-in console's files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from hub.http.console import FOLDER, Console


class Shop:
    """An application with nothing but the console."""

    def __init__(self, path: str = "/ws", folder: Path = FOLDER) -> None:
        self.app = web.Application()
        Console(path, folder).add_to(self.app)

    async def get(self, path: str, **headers: str) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = make_mocked_request("GET", path, headers=named)
        match = await self.app.router.resolve(request)
        request._match_info = match
        response = await match.handler(request)
        assert isinstance(response, web.Response)
        return response


def body(response: web.Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


async def test_every_file_is_served() -> None:
    """With its type and in UTF-8; the browser asks again each time."""
    shop = Shop()
    for path in FOLDER.iterdir():
        if path.name == "index.html":
            continue
        response = await shop.get(f"/console/{path.name}")
        assert (response.status, body(response)) == (200, path.read_bytes())
        assert response.content_type != "application/octet-stream"
        assert response.headers["Cache-Control"] == "no-cache"
    assert (await shop.get("/favicon.ico")).content_type == "image/svg+xml"


async def test_the_page_names_only_files_that_are_served() -> None:
    """And tells its scripts where the hub is."""
    shop = Shop("/sockets/main")
    page = body(await shop.get("/")).decode()
    assert 'data-socket="/sockets/main"' in page
    assert page == body(await shop.get("/console/index.html")).decode()
    names = re.findall(r'(?:src|href)="console/([^"]+)"', page)
    assert names
    for name in names:
        assert (await shop.get(f"/console/{name}")).status == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fwiring.py", "%2e%2e", "INDEX.HTML"])
async def test_nothing_else_is_served(name: str) -> None:
    """Files are found by name among those that were loaded; there is no path to climb."""
    with pytest.raises(ReplyError) as caught:
        await Shop().get(f"/console/{name}")
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_a_file_that_has_not_changed_is_not_sent() -> None:
    """By its tag."""
    shop = Shop()
    tag = (await shop.get("/")).headers["ETag"]
    again = await shop.get("/", If_None_Match=f'"other", {tag}')
    assert (again.status, again.body) == (304, None)
    assert (await shop.get("/", If_None_Match='"other"')).status == 200


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [("gzip, br", True), ("GZIP", True), ("gzip;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0, br", False), ("br", False)],
)
async def test_compression(accepted: str, compressed: bool) -> None:
    """For browsers that take it."""
    response = await Shop().get("/", Accept_Encoding=accepted)
    plain = body(await Shop().get("/"))
    assert response.headers.get("Content-Encoding") == ("gzip" if compressed else None)
    assert response.headers["Vary"] == "Accept-Encoding"
    assert (gzip.decompress(body(response)) if compressed else body(response)) == plain


async def test_a_file_of_an_unknown_kind_is_not_guessed_at(tmp_path: Path) -> None:
    """A browser is not to run it."""
    (tmp_path / "index.html").write_text("<p>")
    (tmp_path / "bell.svg").write_text("<svg/>")
    (tmp_path / "data.weird-kind").write_text("x")
    (tmp_path / "folder").mkdir()
    response = await Shop(folder=tmp_path).get("/console/data.weird-kind")
    assert response.content_type == "application/octet-stream"
