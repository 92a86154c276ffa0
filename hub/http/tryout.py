"""The page to try the API (Swagger UI), and the documents behind it.

Everything comes from this hub; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from hub.asyncapi import asyncapi_json
from hub.http.openapi import openapi_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Tocsin API</title>
  <link rel="icon" href="../favicon.ico">
  <link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <noscript>This page needs JavaScript. The document it shows is <a href="openapi.json">openapi.json</a>.</noscript>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
"""

START: Final = """\
"use strict";
SwaggerUIBundle({
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes styles into the page, and has its pictures in data URLs; its scripts stand in files."""

FILES: Final = ("swagger-ui.css", "swagger-ui-bundle.js")
"""What the page needs of the bundle; the rest of it is not served."""

_ASK_AGAIN: Final = {"Cache-Control": "no-cache"}
_HOUR: Final = {"Cache-Control": "max-age=3600"}


def add_tryout(app: web.Application) -> None:
    """Serve the page at `/api/docs`, and the documents `/api/openapi.json` and `/asyncapi.json`."""
    app.router.add_get("/api/openapi.json", _document(openapi_json))
    app.router.add_get("/asyncapi.json", _document(asyncapi_json))
    app.router.add_get("/api/docs", _text(PAGE, "text/html", {"Content-Security-Policy": POLICY}))
    app.router.add_get("/api/docs/start.js", _text(START, "text/javascript"))
    for name in FILES:
        app.router.add_get(f"/api/docs/{name}", _file(Path(str(swagger_ui_path)) / name))


def _document(write: Callable[[], str]) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        body = await asyncio.to_thread(_once, write)
        return web.Response(body=body, content_type="application/json", charset="utf-8", headers=_ASK_AGAIN)

    return handle


@cache
def _once(write: Callable[[], str]) -> bytes:
    """Most hubs are never asked for a document, and each takes as long as everything else that a hub does at its start;
    so the first who asks has it written, beside the event loop."""
    return write().encode()


def _text(text: str, media: str, headers: dict[str, str] | None = None) -> Handler:
    body = text.encode()
    headers = _ASK_AGAIN | (headers or {})

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=media, charset="utf-8", headers=headers)

    return handle


def _file(path: Path) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers=_HOUR)

    return handle
