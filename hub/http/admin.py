"""The admin UI: a single-page application that `make admin` builds into `hub/admin/`, served at `/admin/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from hub.http.files import IMMUTABLE, StaticFile, read_folder
from hub.http.middleware import ADMIN, PAGE_HEADERS

FOLDER: Final = Path(__file__).resolve().parent.parent / "admin"

_PAGE: Final = "index.html"

_ASSETS: Final = "assets/"
"""Where the build puts files whose names change with their content."""

_BASE: Final = b'<base href="/admin/"'
"""What the links of the built page are relative to. Served, it is relative to the address that was asked for, so that
the page is right behind a proxy that takes a prefix away, and mounted in another application."""

_DEEPEST: Final = 8
"""Slashes that the path of a view has at most."""

_POLICY: Final = "Content-Security-Policy"

_HEADERS: Final = {
    # Ant Design writes its styles into <style>, and ECharts' tooltips have style attributes; scripts stay our own.
    _POLICY: f"{PAGE_HEADERS[_POLICY]}; style-src 'self' 'unsafe-inline'; base-uri 'self'; object-src 'none'"
}

_UNBUILT: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tocsin</title>
<p>The admin UI isn't built. Run <code>make admin</code> in a checkout (it needs the network once), then start the hub
anew.</p>
<p>The <a href="../">console</a> is there.</p>
"""


class Admin:
    """Serves the admin UI to anybody: the page is public, what it asks the hub for is not.

    Any path below `/admin/` is a view of the application and gets its page, unless it names a file or would be one:
    what stands below `assets/`, and a name with an ending right below `/admin/`. So a channel's name in a path may
    have a dot.

    Args:
        folder: what was built, or where it would be.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = read_folder(folder)
        for name, file in self._files.items():
            if name.startswith(_ASSETS):
                file.caching = IMMUTABLE
        page = self._files.pop(_PAGE, None)
        self._pages = [_based(page, "../" * depth or "./") for depth in range(_DEEPEST)] if page else []

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(ADMIN.removesuffix("/"), self._beside)
        app.router.add_get(ADMIN + "{path:.*}", self._below)

    async def _beside(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": ADMIN.removeprefix("/")})

    async def _below(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if not self._pages:
            return web.Response(status=404, text=_UNBUILT, content_type="text/html")
        file = self._files.get(path)
        if file is not None:
            return await file.answer(request)
        depth = _depth(request)
        if depth >= _DEEPEST or path.startswith(_ASSETS) or (depth == 0 and "." in path and path != _PAGE):
            raise ReplyError(
                ErrorCode.NOT_FOUND, "the admin UI has no such file; if it was built anew, reload the page"
            )
        answer = await self._pages[depth].answer(request)
        answer.headers.update(_HEADERS)
        return answer


def is_built(folder: Path = FOLDER) -> bool:
    """Whether there is an admin UI to serve."""
    return (folder / _PAGE).is_file()


def _based(page: StaticFile, base: str) -> StaticFile:
    return StaticFile(page.content.replace(_BASE, f'<base href="{base}"'.encode(), 1), page.media)


def _depth(request: web.Request) -> int:
    """Count the slashes behind `/admin/` as a browser does: an encoded one is none."""
    resource = request.match_info.route.resource
    own = resource.canonical.count("/") if resource else 0
    return request.rel_url.raw_path.count("/") - own
