"""The built-in console: static files, no build step."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).resolve().parent.parent / "console"


def add_console(app: web.Application) -> None:
    """Serve the console at `/` and its files below `/console/`."""
    app.router.add_get("/", _index)
    app.router.add_get("/favicon.ico", _favicon)
    app.router.add_static("/console/", FOLDER, append_version=False)


async def _index(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(FOLDER / "index.html", headers={"Cache-Control": "no-cache"})


async def _favicon(_request: web.Request) -> web.StreamResponse:
    return web.FileResponse(FOLDER / "bell.svg", headers={"Cache-Control": "max-age=86400"})
