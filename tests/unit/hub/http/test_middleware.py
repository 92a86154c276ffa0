"""What every request passes through."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from channels.errors import ErrorCode, ReplyError
from hub.auth import Authenticator, Revocations
from hub.http import middleware as middleware_module
from hub.http.access import Access
from hub.http.middleware import Requests
from hub.http.statistics import RequestStatistics
from hub.metrics import Metrics
from hub.options import AuthOptions, ServerOptions
from hub.origin import OriginCheck
from hub.transports.handover import HandedOver
from tests.kit import ManualClock

LOCAL = {"Host": "127.0.0.1:8080"}


class Gate:
    """A small application behind the middleware."""

    def __init__(self, *, log_each: bool = False, rate: float = 0.0) -> None:
        self.clock = ManualClock()
        self.statistics = RequestStatistics()
        self.metrics = Metrics()
        options = AuthOptions()
        access = Access(Authenticator(options, Revocations(options, self.clock), self.clock), ())
        origins = OriginCheck(ServerOptions(), open_mode=True)
        self.requests = Requests(
            access, origins, self.statistics, self.metrics, self.clock, log_each=log_each, rate=rate
        )
        self.app = web.Application(middlewares=self.requests.middlewares)
        self.app.router.add_route("*", "/good", self._good)
        self.app.router.add_get("/page", self._page)
        self.app.router.add_get("/console/{name}", self._good)
        self.app.router.add_get("/fails/{kind}", self._fail)
        self.app.freeze()

    async def _good(self, _: web.Request) -> web.Response:
        self.clock.advance(0.02)
        return web.Response(text="good")

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text="<p>", content_type="text/html", headers={"Content-Security-Policy": "own"})

    async def _fail(self, request: web.Request) -> web.StreamResponse:
        match request.match_info["kind"]:
            case "refused":
                raise ReplyError(ErrorCode.NO_HISTORY, "none")
            case "denied":
                raise ReplyError(ErrorCode.PERMISSION_DENIED, "no")
            case "aiohttp":
                raise web.HTTPRequestEntityTooLarge(1, 2)
            case "gone":
                raise ConnectionResetError
            case "cancelled":
                raise asyncio.CancelledError
            case "handed":
                return HandedOver()
            case _:
                raise ValueError("the cause")

    async def ask(
        self, path: str, method: str = "GET", remote: str = "10.0.0.1", headers: dict[str, str] | None = None
    ) -> web.Response:
        request = make_mocked_request(method, path, headers=LOCAL | (headers or {})).clone(remote=remote)
        response = await self.app._handle(request)
        assert isinstance(response, web.Response)
        return response

    def counted(self, route: str, status: str, method: str = "GET") -> float | None:
        labels = {"method": method, "route": route, "status": status}
        return self.metrics.registry.get_sample_value("tocsin_http_request_seconds_count", labels)


def error(response: web.Response) -> dict[str, Any]:
    assert isinstance(response.body, bytes)
    fields: dict[str, Any] = json.loads(response.body)["error"]
    return fields


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def test_a_good_request(gate: Gate) -> None:
    """It gets an id, safe headers, and is counted with its time."""
    first, second = await gate.ask("/good"), await gate.ask("/good")
    assert first.status == 200
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in first.headers
    assert (gate.statistics.total, gate.statistics.failed) == (2, 0)
    assert gate.statistics.average_milliseconds == pytest.approx(20)
    assert gate.counted("/good", "200") == 2


async def test_a_page_has_the_headers_of_a_page(gate: Gate) -> None:
    """Its own policy goes first."""
    page = await gate.ask("/page")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Content-Security-Policy"] == "own"


@pytest.mark.parametrize(
    ("kind", "status", "code"), [("refused", 409, "no_history"), ("denied", 403, "permission_denied"), ("aiohttp", 413, "data_too_large")]
)
async def test_refusals_have_one_shape(gate: Gate, kind: str, status: int, code: str) -> None:
    """The hub's own and aiohttp's; they count as failed."""
    response = await gate.ask(f"/fails/{kind}")
    assert (response.status, error(response)["code"]) == (status, code)
    assert "X-Request-Id" in response.headers
    assert gate.statistics.failed == 1


async def test_what_is_not_there(gate: Gate) -> None:
    """All unknown paths are one in the metrics, and all odd methods."""
    for path in ("/a", "/b", "/c"):
        assert error(await gate.ask(path))["code"] == "not_found"
    assert (await gate.ask("/page", "DELETE")).headers["Allow"] == "GET,HEAD"
    assert (await gate.ask("/good", "BREW")).status == 200
    assert gate.counted("none", "404") == 3
    assert gate.counted("/good", "200", "other") == 1


async def test_a_fault_keeps_its_cause(gate: Gate) -> None:
    """The log has the traceback; the client gets the reference under which it stands there."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        response = await gate.ask("/fails/badly")
    assert response.status == 500
    assert error(response)["reference"] == response.headers["X-Request-Id"] == logs[0]["request_id"]
    assert b"the cause" not in response.body  # type: ignore[operator]
    assert logs[0]["event"] == "request failed"


@pytest.mark.parametrize(("kind", "raised"), [("gone", ConnectionResetError), ("cancelled", asyncio.CancelledError)])
async def test_a_client_that_went_away_is_counted(gate: Gate, kind: str, raised: type[BaseException]) -> None:
    """As failed, and as what it is; aiohttp deals with the rest."""
    with pytest.raises(raised):
        await gate.ask(f"/fails/{kind}")
    assert gate.statistics.failed == 1
    assert gate.counted("/fails/{kind}", "499") == 1


async def test_an_upgrade_is_no_request(gate: Gate) -> None:
    """A WebSocket is counted among the connections."""
    request = make_mocked_request("GET", "/fails/handed", headers=LOCAL)
    assert isinstance(await gate.app._handle(request), HandedOver)
    assert gate.statistics.total == 0


async def test_an_answer_that_is_under_way_is_left_alone(gate: Gate) -> None:
    """A handler that sent its headers itself keeps them."""
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        return response

    request = make_mocked_request("GET", "/good", headers=LOCAL)
    request._match_info = await gate.app.router.resolve(request)
    response = await gate.requests._handle(request, stream)
    assert "X-Request-Id" not in response.headers
    assert gate.statistics.total == 1


# Foreign pages.


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "BREW"])
async def test_foreign_pages_change_nothing(gate: Gate, method: str) -> None:
    """By `Origin`; whatever isn't known to be safe is checked."""
    response = await gate.ask("/good", method, headers={"Origin": "https://evil.example"})
    assert (response.status, error(response)["code"]) == (403, "permission_denied")
    assert (await gate.ask("/good", method, headers={"Origin": "http://127.0.0.1:8080"})).status == 200


async def test_foreign_pages_may_ask(gate: Gate) -> None:
    """They can't read the answer."""
    assert (await gate.ask("/good", headers={"Origin": "https://evil.example"})).status == 200


async def test_a_rebound_name_gets_nothing(gate: Gate) -> None:
    """By `Host`, whatever the method."""
    for method in ("GET", "POST"):
        assert (await gate.ask("/good", method, headers={"Host": "evil.example"})).status == 403


async def test_refusals_are_logged_with_the_address(gate: Gate) -> None:
    """So that an operator sees who tries."""
    with structlog.testing.capture_logs() as logs:
        await gate.ask("/good", "POST", headers={"Origin": "https://evil.example"})
        await gate.ask("/fails/refused")
    assert [(entry["event"], entry["address"], entry["code"]) for entry in logs] == [
        ("request refused", "10.0.0.1", "permission_denied")
    ]


# Floods.


async def test_requests_have_a_rate_per_address() -> None:
    """What is over is refused, and told when to try again; others aren't concerned, nor are the console's files."""
    gate = Gate(rate=2)
    statuses = [(await gate.ask("/page")).status for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    late = await gate.ask("/page")
    assert error(late)["retry_after"] == 0.5
    assert late.headers["Retry-After"] == "1"
    assert (await gate.ask("/page", remote="10.0.0.2")).status == 200
    assert (await gate.ask("/console/a.js")).status == 200
    gate.clock.advance(0.5)
    assert (await gate.ask("/page")).status == 200


async def test_a_flood_of_addresses_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The books are begun anew when they are full."""
    monkeypatch.setattr(middleware_module, "_BUCKETS_MAX", 3)
    gate = Gate(rate=1)
    for number in range(20):
        await gate.ask("/page", remote=f"10.0.0.{number}")
        assert len(gate.requests._buckets) <= 3


async def test_each_request_is_logged_where_that_is_wanted() -> None:
    """Method, path, status and time."""
    gate = Gate(log_each=True)
    with structlog.testing.capture_logs() as logs:
        await gate.ask("/good?token=secret")
    assert logs == [{
        "event": "request", "log_level": "info", "method": "GET", "path": "/good", "status": 200, "ms": 20.0,
    }]  # fmt: skip
