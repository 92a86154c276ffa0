"""What aiohttp's server writes down of a connection."""

from __future__ import annotations

import logging
from typing import Any, Final

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger
from aiohttp.web_protocol import RequestPayloadError

_OF_THE_CLIENT: Final = (HttpProcessingError, RequestPayloadError)


class ServerLog(logging.LoggerAdapter[logging.Logger]):
    """The server's log. Bytes that aren't HTTP are the client's fault, not the hub's: they make a line at level info,
    never an error with a stack trace, which anybody could fill the log with."""

    def __init__(self) -> None:
        super().__init__(server_logger, None)

    def exception(self, msg: object, *args: object, exc_info: Any = True, **more: Any) -> None:
        """Write an exception down, with its stack trace if it is the hub's own."""
        if isinstance(exc_info, _OF_THE_CLIENT):
            self.info("a request that is no HTTP: %s", type(exc_info).__name__)
        else:
            super().exception(msg, *args, exc_info=exc_info, **more)
