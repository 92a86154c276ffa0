"""One HTTP connection to a hub that is kept open between requests. One thread at a time."""

from __future__ import annotations

# Looking up a host imports this. A process that is forked in that moment by another thread never could again.
import encodings.idna  # noqa: F401
import http.client
import json
from dataclasses import dataclass
from typing import Any, Final

from tocsin_client.address import Address
from tocsin_client.errors import HubError, Unreachable
from tocsin_client.wire import error_of

LARGEST: Final = 16 << 20
"""Bytes of an answer that are read: it has one short result for each publication."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        fields: the JSON object; empty when there was none.
        retry_after: seconds, of the header.
    """

    status: int
    fields: dict[str, Any]
    retry_after: float | None

    def error(self) -> HubError:
        """Read the error of an answer that isn't 2xx."""
        fields: dict[str, Any] = dict(self.fields.get("error") or {})
        temporary = self.status >= 500 or self.status in (408, 425, 429)
        fields.setdefault("code", "unavailable" if temporary else "not_found")
        fields.setdefault("message", f"expected a hub's answer, got HTTP {self.status}")
        fields.setdefault("temporary", temporary)
        if self.retry_after is not None:
            fields.setdefault("retry_after", self.retry_after)
        return error_of(fields)


class HttpConnection:
    """A connection that is made when it is needed, and anew after a failure."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: http.client.HTTPConnection | None = None

    def post(self, path: str, body: bytes, headers: dict[str, str], timeout: float) -> Answer:
        """Send a JSON body; wait for the answer.

        Args:
            timeout: seconds for connecting, and for each piece of the answer.

        Raises:
            Unreachable: there was none. `may_have_arrived` says whether the hub may have acted on it all the same.
        """
        if self._connection is not None:
            try:
                return self._post(self._connection, path, body, headers, timeout)
            except TimeoutError as error:
                raise self._failed(error, sent=True) from None
            except (OSError, http.client.HTTPException):
                self.close()  # mostly the hub has closed a connection that was idle: that says nothing about now
        connection = self._connect(timeout)
        try:
            return self._post(connection, path, body, headers, timeout)
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(error, sent=True) from None

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._address.secure else http.client.HTTPConnection
        connection = kind(self._address.host, self._address.port, timeout=timeout)
        try:
            connection.connect()
        except OSError as error:
            raise self._failed(error, sent=False) from None
        self._connection = connection
        return connection

    def _post(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str], timeout: float
    ) -> Answer:
        connection.sock.settimeout(timeout)
        everything = {"Content-Type": "application/json", "User-Agent": "tocsin-client", **headers}
        connection.request("POST", self._address.prefix + path, body, everything)
        response = connection.getresponse()
        text = response.read(LARGEST)
        if not response.isclosed() or response.will_close:
            self.close()
        after = response.headers.get("Retry-After") or ""
        return Answer(response.status, _object(text), float(after) if after.isdecimal() else None)

    def _failed(self, error: Exception, sent: bool) -> Unreachable:
        self.close()
        return Unreachable(f"{self._address.url}: {str(error) or type(error).__name__}", may_have_arrived=sent)

    def close(self) -> None:
        """Close it, if it is open; the next request opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
