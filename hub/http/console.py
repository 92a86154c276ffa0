"""The built-in console: static files without a build step."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from hub.http.files import StaticFile, read_folder
from hub.http.middleware import CONSOLE

FOLDER = Path(__file__).resolve().parent.parent / "console"


class Console:
    """Serves the console at `/` and its files below `/console/`.

    Args:
        websocket_path: where the page finds the hub; it stands in the page for its scripts.
        admin: whether the page leads to the admin UI.
    """

    def __init__(self, websocket_path: str, *, admin: bool = False, folder: Path = FOLDER) -> None:
        self._files = read_folder(folder)
        page = self._files["index.html"].content.replace(
            b'data-socket="/ws"', f'data-socket="{websocket_path}"'.encode()
        )
        if admin:
            page = page.replace(b' id="admin" hidden', b' id="admin"')
        self._files["index.html"] = StaticFile(page, "text/html")

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/", self._index)
        app.router.add_get("/favicon.ico", self._favicon)
        app.router.add_get(CONSOLE + "{name}", self._named)

    async def _index(self, request: web.Request) -> web.Response:
        return await self._files["index.html"].answer(request)

    async def _favicon(self, request: web.Request) -> web.Response:
        return await self._files["bell.svg"].answer(request)

    async def _named(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise ReplyError(ErrorCode.NOT_FOUND, "the console has no such file")
        return await file.answer(request)
