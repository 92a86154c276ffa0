"""uWebSockets (C++) by way of socketify: its own topics, to which `publish` hands each message once."""
# mypy: disable-error-code="import-not-found, import-untyped"

import sys
from typing import Any

from socketify import App, CompressOptions, OpCode

TOPIC = "bench"


def subscribe(ws: Any) -> None:
    """Puts a new client on the topic."""
    ws.subscribe(TOPIC)


def main() -> None:
    """Serves on the loopback port that the first argument names."""
    app = App()

    async def publish(response: Any, request: Any) -> None:
        """Publishes the body on the topic."""
        body = await response.get_data()
        app.publish(TOPIC, body.getvalue().decode(), OpCode.TEXT)
        response.end("ok")

    # By default uWebSockets drops what a client with more than 64 KiB unread would get; here all has to be delivered.
    behaviour = {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 1024 * 1024,
        "max_backpressure": 64 * 1024 * 1024,
        "idle_timeout": 960,
        "open": subscribe,
    }
    app.ws("/ws", behaviour)
    app.post("/publish", publish)
    app.listen(int(sys.argv[1]))
    app.run()


if __name__ == "__main__":
    main()
