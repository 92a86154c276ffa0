"""The built-in console: static files, no build step, kept in memory with their compressed twins."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from channels.errors import ErrorCode, ReplyError

FOLDER = Path(__file__).resolve().parent.parent / "console"

PREFIX = "/console/"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    compressed: bytes
    media: str
    tag: str


class Console:
    """Serves the console at `/` and its files below `/console/`.

    A browser asks each time whether a file has changed, so that an upgrade never mixes old files with new ones.

    Args:
        websocket_path: where the page finds the hub; it stands in the page for its scripts.
    """

    def __init__(self, websocket_path: str, folder: Path = FOLDER) -> None:
        self._files = {path.name: _load(path) for path in sorted(folder.iterdir()) if path.is_file()}
        page = self._files["index.html"].content.replace(
            b'data-socket="/ws"', f'data-socket="{websocket_path}"'.encode()
        )
        self._files["index.html"] = _file(page, "text/html")

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/", self._index)
        app.router.add_get("/favicon.ico", self._favicon)
        app.router.add_get(PREFIX + "{name}", self._named)

    async def _index(self, request: web.Request) -> web.Response:
        return _answer(request, self._files["index.html"])

    async def _favicon(self, request: web.Request) -> web.Response:
        return _answer(request, self._files["bell.svg"])

    async def _named(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise ReplyError(ErrorCode.NOT_FOUND, "the console has no such file")
        return _answer(request, file)


def _load(path: Path) -> _File:
    return _file(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream")


def _file(content: bytes, media: str) -> _File:
    return _File(content, gzip.compress(content, mtime=0), media, hashlib.sha256(content).hexdigest()[:16])


def _answer(request: web.Request, file: _File) -> web.Response:
    headers = {"Cache-Control": "no-cache", "ETag": f'"{file.tag}"', "Vary": "Accept-Encoding"}
    if f'"{file.tag}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    body = file.content
    if _takes_gzip(request.headers.get("Accept-Encoding", "")):
        body = file.compressed
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, content_type=file.media, charset="utf-8", headers=headers)


_refuses_gzip = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.ASCII | re.IGNORECASE).search


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted.lower() and not _refuses_gzip(accepted)
