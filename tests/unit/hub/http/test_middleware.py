"""What every request passes through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import structlog
from aiohttp import ClientResponse, web
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from channels.errors import ErrorCode, ReplyError
from hub.auth import Authenticator, Revocations
from hub.http.access import Access
from hub.http.middleware import _BUCKETS_MAX, EXTRA_HEADERS, PAGE_HEADERS, UNANSWERED, Requests
from hub.http.statistics import RequestStatistics
from hub.metrics import Metrics
from hub.options import AuthOptions, LogOptions, ServerOptions
from hub.origin import OriginCheck
from hub.transports.handover import HandedOver
from tests.kit import ManualClock
from tests.unit.hub.http.served import Client, served
from tests.unit.hub.logbook import lines, logging_as

SECRET_LOCAL = "a-local-that-is-nobodys-business"


class Edge:
    """The middleware around some handlers, and the books that it keeps."""

    def __init__(
        self, *, rate: float = 0.0, log_each: bool = False, open_mode: bool = True, server: ServerOptions | None = None
    ) -> None:
        self.clock = ManualClock()
        self.statistics = RequestStatistics()
        self.metrics = Metrics()
        self.handled = 0
        server = server or ServerOptions()
        options = AuthOptions()
        access = Access(
            Authenticator(options, Revocations(options, self.clock), self.clock),
            tuple(map(str, server.trusted_proxies)),
        )
        self.requests = Requests(
            access,
            OriginCheck(server, open_mode),
            self.statistics,
            self.metrics,
            self.clock,
            log_each=log_each,
            rate=rate,
        )
        self.app = web.Application(middlewares=self.requests.middlewares, client_max_size=100)
        for path in ("/fine", "/channels/{name}", "/console/{name}", "/admin/{path:.*}"):
            self.app.router.add_get(path, self.fine)
        self.app.router.add_route("*", "/change", self.fine)
        self.app.router.add_get("/page", self.page)
        self.app.router.add_get("/framed", self.framed)
        self.app.router.add_get("/fault", self.fault)
        self.app.router.add_get("/refused/{status}", self.refused)
        self.app.router.add_get("/streamed", self.streamed)
        self.app.router.add_get("/slow", self.slow)
        self.app.router.add_post("/body", self.body)
        self.app.router.add_get("/my/{status}", self.counted_and_refused)

    async def fine(self, request: web.Request) -> web.Response:
        self.handled += 1
        structlog.get_logger("handler").info("handled")
        return web.json_response({"ok": True})

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html>", content_type="text/html")

    async def framed(self, request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": "default-src 'none'"}
        return web.Response(text="<!doctype html>", content_type="text/html", headers=headers)

    async def fault(self, request: web.Request) -> web.Response:
        local = SECRET_LOCAL
        raise ValueError(f"the cause, of {len(local)} characters")

    async def refused(self, request: web.Request) -> web.Response:
        status = int(request.match_info["status"])
        raise ReplyError(next(code for code in ErrorCode if code.status == status), "no")

    async def counted_and_refused(self, request: web.Request) -> web.Response:
        request[EXTRA_HEADERS] = {"X-RateLimit-Remaining": "3"}
        return await self.refused(request)

    async def streamed(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write_eof(b"streamed")
        return response

    async def slow(self, request: web.Request) -> web.Response:
        self.clock.advance(0.25)
        return web.Response()

    async def body(self, request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    def counted(self) -> dict[tuple[str, str, str], float]:
        """Requests by method, route and status."""
        families = text_string_to_metric_families(self.metrics.expose().decode())
        samples = [sample for family in families for sample in family.samples]
        return {
            (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
            for sample in samples
            if sample.name == "tocsin_http_request_seconds_count"
        }


@pytest.fixture
async def edge() -> Edge:
    return Edge()


@pytest.fixture
async def client(edge: Edge) -> AsyncIterator[Client]:
    async with served(edge.app) as client:
        yield client


async def error_in(response: ClientResponse) -> dict[str, Any]:
    assert response.content_type == "application/json"
    body = json.loads(await response.read())
    assert list(body) == ["error"]
    found: dict[str, Any] = body["error"]
    return found


async def refusal(client: Client, method: str, path: str, headers: Mapping[str, str]) -> str | None:
    """Return the code of a 403, `None` for an answer."""
    async with client.request(method, path, headers=headers) as response:
        if response.status == 200:
            return None
        assert response.status == 403
        code = (await error_in(response))["code"]
        assert code == "permission_denied"
        return str(code)


# Ids.


async def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    """Refusals and faults too."""
    ids = []
    for path in ("/fine", "/fine", "/page", "/fault", "/refused/404", "/nowhere"):
        async with client.get(path) as response:
            ids.append(response.headers["X-Request-Id"])
    assert len(set(ids)) == len(ids)
    assert len({request_id.partition("-")[0] for request_id in ids}) == 1


async def test_two_runs_share_no_id() -> None:
    """The part before the number is the run's, so logs of two runs can lie in one place."""
    prefixes = set()
    for _ in range(2):
        async with served(Edge().app) as client, client.get("/fine") as response:
            prefixes.add(response.headers["X-Request-Id"].partition("-")[0])
    assert len(prefixes) == 2


async def test_what_a_handler_logs_has_the_id(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Each request its own, also on one connection."""
    with logging_as(LogOptions(format="json")):
        ids = []
        for _ in range(2):
            async with client.get("/fine") as response:
                ids.append(response.headers["X-Request-Id"])
        assert [line["request_id"] for line in lines(capsys) if line["event"] == "handled"] == ids


# Headers.


async def test_headers_that_a_handler_left_for_any_answer(client: Client) -> None:
    """Are there when it refuses; below `/my` a refusal is a problem document."""
    async with client.get("/my/409") as response:
        assert response.headers["X-RateLimit-Remaining"] == "3"
        assert (response.status, response.content_type) == (409, "application/problem+json")
    async with client.get("/my") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
        assert "X-RateLimit-Remaining" not in response.headers


async def test_no_answer_is_sniffed(client: Client) -> None:
    """A browser takes each for what it says it is."""
    for path in ("/fine", "/page", "/fault", "/nowhere"):
        async with client.get(path) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_page_headers(client: Client) -> None:
    """A page gets them all; what is no page gets none."""
    async with client.get("/page") as response:
        assert {name: response.headers[name] for name in PAGE_HEADERS} == PAGE_HEADERS
    for path in ("/fine", "/fault", "/nowhere"):
        async with client.get(path) as response:
            assert not set(PAGE_HEADERS) & set(response.headers)


async def test_a_page_may_say_more_itself(client: Client) -> None:
    """What its handler set stays."""
    async with client.get("/framed") as response:
        assert response.headers["Content-Security-Policy"] == "default-src 'none'"
        assert response.headers["X-Frame-Options"] == "DENY"


async def test_an_answer_that_was_begun_is_left_alone(client: Client, edge: Edge) -> None:
    """Its headers are on their way already; it is counted."""
    async with client.get("/streamed") as response:
        assert await response.read() == b"streamed"
        assert "X-Request-Id" not in response.headers
    assert edge.counted() == {("GET", "/streamed", "200"): 1}


# Foreign pages.


async def test_a_rebound_name_is_refused(client: Client, edge: Edge) -> None:
    """An open hub answers to loopback names only, whatever the method (CWE-350)."""
    for method in ("GET", "HEAD", "POST"):
        async with client.request(method, "/change", headers={"Host": "evil.example"}) as response:
            assert response.status == 403
    assert edge.handled == 0
    assert await refusal(client, "GET", "/change", {"Host": "localhost:8080"}) is None


async def test_a_foreign_page_changes_nothing(client: Client, edge: Edge) -> None:
    """Not with any method that isn't known to be safe (CWE-352); reading it may ask for, and can't see."""
    foreign = {"Origin": "https://evil.example"}
    for method in ("POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
        assert await refusal(client, method, "/change", foreign) == "permission_denied"
        assert await refusal(client, method, "/change", {"Origin": "null"}) == "permission_denied"
        assert await refusal(client, method, "/change", {"Sec-Fetch-Site": "cross-site"}) == "permission_denied"
    assert edge.handled == 0
    for method in ("GET", "HEAD", "OPTIONS"):
        assert await refusal(client, method, "/change", foreign) is None


async def test_own_pages_and_programs_change_what_they_like(client: Client) -> None:
    """The hub's own origin, and who sends none."""
    own = {"Origin": f"http://{client.host}:{client.port}"}
    assert await refusal(client, "POST", "/change", own) is None
    assert await refusal(client, "POST", "/change", {}) is None


async def test_configured_origins_and_hosts() -> None:
    """With keys the hub answers to its configured names only, and to pages of its configured origins."""
    server = ServerOptions.model_validate({"origins": ["https://app.example.com"], "hosts": ["hub.example.com"]})
    async with served(Edge(server=server, open_mode=False).app) as client:
        named = {"Host": "hub.example.com"}
        assert await refusal(client, "POST", "/change", {**named, "Origin": "https://app.example.com"}) is None
        assert await refusal(client, "GET", "/change", {"Host": "localhost"}) == "permission_denied"
        assert await refusal(client, "POST", "/change", {**named, "Origin": "https://other.example.com"}) is not None


# Rates.


async def test_requests_have_a_rate() -> None:
    """A second's worth passes at once; what is over waits, and is told how long."""
    edge = Edge(rate=2)
    async with served(edge.app) as client:
        for _ in range(2):
            async with client.get("/fine") as response:
                assert response.status == 200
        async with client.get("/fine") as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
            error = await error_in(response)
        assert (error["code"], error["temporary"], error["retry_after"]) == ("rate_limited", True, 0.5)
        assert "limits.http_requests_per_second" in error["message"]
        edge.clock.advance(error["retry_after"])
        async with client.get("/fine") as response:
            assert response.status == 200


async def test_a_page_is_many_files() -> None:
    """Those of the console and of the admin UI have no rate, and use up none."""
    async with served(Edge(rate=1).app) as client:
        for _ in range(20):
            for path in ("/console/page.js", "/admin/assets/page.js"):
                async with client.get(path) as response:
                    assert response.status == 200
        async with client.get("/fine") as response:
            assert response.status == 200
        async with client.get("/console") as response:
            assert response.status == 429


async def test_refused_pages_use_up_no_rate() -> None:
    """A foreign page can't keep this machine's own programs out."""
    async with served(Edge(rate=1).app) as client:
        for _ in range(5):
            assert await refusal(client, "POST", "/change", {"Origin": "https://evil.example"}) is not None
        async with client.get("/fine") as response:
            assert response.status == 200


async def test_each_address_has_its_own_rate() -> None:
    """As the trusted proxy tells it."""
    edge = Edge(rate=1, server=ServerOptions.model_validate({"trusted_proxies": ["127.0.0.1"]}))
    statuses = []
    async with served(edge.app) as client:
        for address in ("203.0.113.1", "203.0.113.2", "203.0.113.1"):
            async with client.get("/fine", headers={"X-Forwarded-For": address}) as response:
                statuses.append(response.status)
    assert statuses == [200, 200, 429]


async def test_watched_addresses_are_bounded() -> None:
    """However many there are; when there are too many the books start anew."""
    edge = Edge(rate=1)
    for number in range(_BUCKETS_MAX):
        edge.requests._take(f"address {number}")
    with pytest.raises(ReplyError):
        edge.requests._take("address 0")
    edge.requests._take("one more")
    assert len(edge.requests._buckets) == 1
    edge.requests._take("address 0")


# Failures.


async def test_refusals_become_answers(client: Client) -> None:
    """Those of handlers with their own status."""
    for status in (400, 404, 409, 422, 503):
        async with client.get(f"/refused/{status}") as response:
            assert response.status == status
            assert (await error_in(response))["message"] == "no"


async def test_refusals_of_aiohttp_have_our_shape(client: Client) -> None:
    """No such path, no such method, a body that is too long."""
    async with client.get("/nowhere") as response:
        assert (response.status, (await error_in(response))["code"]) == (404, "not_found")
    async with client.delete("/fine") as response:
        assert (response.status, (await error_in(response))["code"]) == (405, "invalid_command")
        assert response.headers["Allow"] == "GET,HEAD"
    async with client.post("/body", data=b"x" * 101) as response:
        assert (response.status, (await error_in(response))["code"]) == (413, "data_too_large")
    async with client.post("/body", data=b"x" * 100) as response:
        assert response.status == 200


async def test_a_fault(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The client gets a reference; the log has the traceback under it, without the values of variables."""
    with logging_as(LogOptions(format="json")):
        async with client.get("/fault") as response:
            assert response.status == 500
            text = (await response.read()).decode()
            error = json.loads(text)["error"]
            assert error["reference"] == response.headers["X-Request-Id"]
            assert (error["code"], error["temporary"]) == ("internal", True)
            assert "the cause" not in text
        (line,) = lines(capsys)
    assert (line["event"], line["level"], line["request_id"]) == ("request failed", "error", error["reference"])
    assert (line["method"], line["path"]) == ("GET", "/fault")
    (exception,) = line["exception"]
    assert exception["exc_value"].startswith("the cause")
    assert [frame["name"] for frame in exception["frames"]][-1] == "fault"
    assert SECRET_LOCAL not in json.dumps(line)


@pytest.mark.parametrize(("status", "code"), [(401, "unauthenticated"), (403, "permission_denied")])
async def test_who_is_denied_is_logged(
    client: Client, status: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With where it came from, so that an operator can find who tries doors."""
    with logging_as(LogOptions(format="json")):
        async with client.get(f"/refused/{status}") as response:
            request_id = response.headers["X-Request-Id"]
        async with client.get("/refused/404"):
            pass
        (line,) = lines(capsys)
    assert (line["event"], line["level"], line["address"]) == ("request refused", "info", "127.0.0.1")
    assert (line["code"], line["path"], line["request_id"]) == (code, f"/refused/{status}", request_id)


async def test_a_client_that_is_gone_is_no_fault(edge: Edge, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is logged, and the request counts as failed: it got no answer."""

    async def lose(request: web.Request) -> web.Response:
        raise ConnectionResetError("the client is gone")

    request = _resolved(edge, "/fine")
    with logging_as(LogOptions(format="json")), pytest.raises(ConnectionResetError):
        await edge.requests.middlewares[0](request, lose)
    assert lines(capsys) == []
    assert (edge.statistics.total, edge.statistics.failed) == (1, 1)
    assert sum(edge.counted().values()) == edge.counted()["GET", "none", str(UNANSWERED)]


async def test_a_request_that_is_cancelled_counts_as_failed(edge: Edge) -> None:
    """Such as one that the hub's end cuts off."""
    waiting = asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        waiting.set()
        await asyncio.Event().wait()
        raise AssertionError("not reached")

    task = asyncio.ensure_future(edge.requests.middlewares[0](_resolved(edge, "/fine"), wait))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (edge.statistics.total, edge.statistics.failed) == (1, 1)


def _resolved(edge: Edge, path: str) -> web.Request:
    """Make a request that belongs to no route."""
    request = make_mocked_request("GET", path, headers={"Host": "localhost"})
    request.match_info.route.resource = None  # type: ignore[misc]
    return request


# Counts.


async def test_requests_are_counted(client: Client, edge: Edge) -> None:
    """By method, route and status; parts of a path that vary are no labels, and neither is what a client makes up."""
    for path in ("/fine", "/channels/secret", "/channels/other", "/fault", "/nowhere", "/elsewhere"):
        async with client.get(path):
            pass
    async with client.request("PROPFIND", "/change"):
        pass
    assert edge.counted() == {
        ("GET", "/fine", "200"): 1,
        ("GET", "/channels/{name}", "200"): 2,
        ("GET", "/fault", "500"): 1,
        ("GET", "none", "404"): 2,
        ("other", "/change", "200"): 1,
    }
    assert (edge.statistics.total, edge.statistics.failed) == (7, 3)


async def test_requests_are_timed(client: Client, edge: Edge) -> None:
    """From their first byte's handling to the answer."""
    async with client.get("/slow"):
        pass
    assert edge.statistics.average_milliseconds == pytest.approx(250)


async def test_an_upgrade_is_no_answer(edge: Edge) -> None:
    """Its socket is a connection now: nothing is set on it, and it isn't counted as a request."""
    handed_over = HandedOver()

    async def upgrade(request: web.Request) -> web.StreamResponse:
        return handed_over

    assert await edge.requests.middlewares[0](_resolved(edge, "/fine"), upgrade) is handed_over
    assert "X-Request-Id" not in handed_over.headers
    assert edge.statistics.total == 0


@pytest.mark.parametrize("log_each", [True, False])
async def test_each_request_may_be_logged(log_each: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """With its status and the time it took; never with its query, which may hold what isn't ours to keep."""
    edge = Edge(log_each=log_each)
    with logging_as(LogOptions(format="json")):
        async with served(edge.app) as client, client.get("/slow?token=secret") as response:
            request_id = response.headers["X-Request-Id"]
        found = [line for line in lines(capsys) if line["event"] == "request"]
    if not log_each:
        assert found == []
        return
    (line,) = found
    assert (line["method"], line["path"], line["status"], line["ms"]) == ("GET", "/slow", 200, 250.0)
    assert line["request_id"] == request_id
