"""Static files in memory, with compressed twins: read once, so that a page and its scripts are always of one build."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
import re
from functools import cached_property
from pathlib import Path
from typing import Final

from aiohttp import web

REVALIDATED: Final = "no-cache"
"""A browser keeps the file, and asks each time whether it has changed: an upgrade never mixes old files with new."""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""For a file whose name changes with its content."""


class StaticFile:
    """One file as it is served: with a tag, and compressed for browsers that take it.

    Args:
        media: its type, such as `text/html`.
        caching: value of `Cache-Control`.
    """

    def __init__(self, content: bytes, media: str, caching: str = REVALIDATED) -> None:
        self.content = content
        self.media = media
        self.caching = caching
        self._compressed: bytes | None = None

    @cached_property
    def tag(self) -> str:
        """What changes with the content, as it stands in `ETag`."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'

    async def answer(self, request: web.Request) -> web.Response:
        """Return the file, or that the browser's copy is still good."""
        headers = {"Cache-Control": self.caching, "ETag": self.tag, "Vary": "Accept-Encoding"}
        if self.tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        body = self.content
        if _takes_gzip(request.headers.get("Accept-Encoding", "")):
            body = await self._twin()
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, content_type=self.media, charset="utf-8", headers=headers)

    async def _twin(self) -> bytes:
        """Compress when first asked for, in a thread: 50 ms for a megabyte, which a hub's start need not pay."""
        if self._compressed is None:
            self._compressed = await asyncio.to_thread(gzip.compress, self.content, mtime=0)
        return self._compressed


def read_folder(folder: Path) -> dict[str, StaticFile]:
    """Read all files below `folder`; their names are paths from there, with slashes. There is none if it isn't there.

    Raises:
        OSError: a file can't be read.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): StaticFile(path.read_bytes(), _media(path)) for path in paths}


def _media(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


_refuses_gzip = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.ASCII | re.IGNORECASE).search


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted.lower() and not _refuses_gzip(accepted)
