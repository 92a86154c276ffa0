"""python-socketio on uvicorn: one `emit` to all, which encodes the packet once."""
# mypy: disable-error-code="import-not-found, import-untyped"

import sys

import socketio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

# The ping interval is longer than any run, so that Engine.IO's own pings are counted as nobody's messages.
SIO = socketio.AsyncServer(
    async_mode="asgi",
    transports=["websocket"],
    http_compression=False,
    ping_interval=3600,
    cors_allowed_origins="*",
)


async def publish(request: Request) -> JSONResponse:
    """Emits the body to every client."""
    await SIO.emit("message", await request.json())
    return JSONResponse({"status": "ok"})


def main() -> None:
    """Serves on the loopback port that the first argument names."""
    app = socketio.ASGIApp(SIO, Starlette(routes=[Route("/publish", publish, methods=["POST"])]))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="warning",
        access_log=False,
        ws_per_message_deflate=False,
        backlog=4096,
    )


if __name__ == "__main__":
    main()
