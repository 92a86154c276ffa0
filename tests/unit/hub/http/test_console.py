"""The built-in console's files."""

from __future__ import annotations

import gzip
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from hub.http.console import FOLDER, Console
from hub.http.middleware import Handler
from tests.unit.hub.http.served import ask_raw, served


class Shop:
    """An application with nothing but the console."""

    def __init__(self, path: str = "/ws", *, admin: bool = False) -> None:
        self.app = web.Application()
        Console(path, admin=admin).add_to(self.app)

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
    for script in FOLDER.glob("*.js"):
        names += re.findall(r'from "\./([^"]+)"', script.read_text(encoding="utf-8"))
    for name in names:
        assert (await shop.get(f"/console/{name}")).status == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fwiring.py", "%2e%2e", "INDEX.HTML"])
async def test_nothing_else_is_served(name: str) -> None:
    """Files are found by name among those that were loaded; there is no path to climb."""
    with pytest.raises(ReplyError) as caught:
        await Shop().get(f"/console/{name}")
    assert caught.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("suffix", "media"),
    [
        (".css", {"text/css"}),
        (".html", {"text/html"}),
        (".js", {"text/javascript", "application/javascript"}),  # the machine's own table may have the old name
        (".svg", {"image/svg+xml"}),
    ],
)
async def test_content_types(suffix: str, media: set[str]) -> None:
    """Those that a browser insists on, for modules above all."""
    paths = [path for path in FOLDER.iterdir() if path.suffix == suffix]
    assert paths
    for path in paths:
        response = await Shop().get(f"/console/{path.name}")
        assert response.content_type in media
        assert response.charset == "utf-8"


async def test_another_path_is_another_page() -> None:
    """Its tag changes with the option; what comes compressed says the same."""
    tags = set()
    for path in ("/ws", "/hub/socket"):
        shop = Shop(path)
        page = await shop.get("/")
        tags.add(page.headers["ETag"])
        assert re.findall(r'data-socket="([^"]*)"', body(page).decode()) == [path]
        assert gzip.decompress(body(await shop.get("/", Accept_Encoding="gzip"))) == body(page)
    assert len(tags) == 2


async def test_the_page_leads_to_the_admin_ui_where_there_is_one() -> None:
    """And to nowhere else."""
    link = '<a class="quiet" href="admin/" id="admin"'
    assert f"{link}>" in body(await Shop(admin=True).get("/")).decode()
    assert f"{link} hidden>" in body(await Shop().get("/")).decode()


@pytest.mark.parametrize(
    "path",
    [
        "/console/../serve.py",
        "/console/%2e%2e/serve.py",
        "/console/..%5cserve.py",
        "/console//etc/passwd",
        "/console/%2fetc%2fpasswd",
        "/console/index.html%00.js",
        "/console/",
        "/console/.",
    ],
)
async def test_there_is_no_path_to_climb(path: str) -> None:
    """Asked byte by byte, as no browser would (CWE-22)."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ReplyError as error:
            return web.Response(status=error.code.status)

    app = web.Application(middlewares=[answer])
    Console("/ws").add_to(app)
    async with served(app) as client:
        status, content = await ask_raw(client, path)
    assert status == 404
    assert b"import" not in content
