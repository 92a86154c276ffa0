"""Starlette on uvicorn (uvloop and httptools): a set of clients and `send_text` for each."""
# mypy: disable-error-code="import-not-found"

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

CLIENTS: set[WebSocket] = set()


async def subscribe(websocket: WebSocket) -> None:
    """Holds one client until it leaves."""
    await websocket.accept()
    CLIENTS.add(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        CLIENTS.discard(websocket)


async def publish(request: Request) -> JSONResponse:
    """Sends the body to every client."""
    message = (await request.body()).decode()
    for websocket in list(CLIENTS):
        await websocket.send_text(message)
    return JSONResponse({"clients": len(CLIENTS)})


def main() -> None:
    """Serves on the loopback port that the first argument names."""
    app = Starlette(routes=[WebSocketRoute("/ws", subscribe), Route("/publish", publish, methods=["POST"])])
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
