"""What every request passes through: an id, origin and host checks, a rate limit, one shape of errors, numbers, and
safe headers."""

from __future__ import annotations

import itertools
import math
import secrets
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.rate import TokenBucket
from hub.http.access import Access
from hub.http.errors import BrokenBody, from_aiohttp, refusal
from hub.http.statistics import RequestStatistics
from hub.metrics import Metrics
from hub.origin import OriginCheck
from hub.transports.handover import HandedOver

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE = ("GET", "HEAD", "OPTIONS")

PAGE_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'none'"
    ),
}
"""What a browser must know of a page; an answer of the API is no page."""

CONSOLE = "/console/"
ADMIN = "/admin/"

WAITED = web.RequestKey("waited", float)
"""Seconds of a request in which a handler had nothing to say, as in a long poll: no part of the time to answer."""

EXTRA_HEADERS = web.RequestKey("extra_headers", Mapping[str, str])
"""Headers that the answer to a request has, whatever it says. Who answers on the bare socket sends them itself."""

UNANSWERED = 499
"""What requests are counted as that never got an answer; nginx has the same number for it."""

_BUCKETS_MAX = 10_000
"""Addresses whose rate is watched at one time; beyond that the books start anew, which lets a burst pass, not a
flood."""


class Requests:
    """One middleware around everything, so that a request pays for one layer: `middlewares`.

    Attributes:
        log_each: write every request down.
        rate: requests of one address per second; 0 is no limit.
    """

    def __init__(
        self,
        access: Access,
        origins: OriginCheck,
        statistics: RequestStatistics,
        metrics: Metrics,
        clock: Clock,
        *,
        log_each: bool,
        rate: float,
    ) -> None:
        self._access = access
        self._origins = origins
        self._statistics = statistics
        self._metrics = metrics
        self._clock = clock
        self.log_each = log_each
        self.rate = rate
        self._buckets: dict[str, TokenBucket] = {}
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self.middlewares = [self._handle]

    @web.middleware
    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give the request an id, answer it, time it and count it."""
        started = self._clock.monotonic()
        request_id = f"{self._run}-{next(self._numbers)}"
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = await self._answer(request, handler, request_id)
        except BaseException:  # the client is gone, or the hub ends
            self._count(request, UNANSWERED, self._clock.monotonic() - started)
            raise
        if isinstance(response, HandedOver):
            return response
        if not response.prepared:
            headers = response.headers
            headers["X-Request-Id"] = request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.update(request.get(EXTRA_HEADERS, {}))
            if response.content_type == "text/html":
                for name, value in PAGE_HEADERS.items():
                    headers.setdefault(name, value)
        seconds = max(0.0, self._clock.monotonic() - started - request.get(WAITED, 0.0))
        self._count(request, response.status, seconds)
        return response

    def _count(self, request: web.Request, status: int, seconds: float) -> None:
        self._statistics.count(status, seconds)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        self._metrics.http.labels(method, route, str(status)).observe(seconds)
        if self.log_each:
            log.info("request", method=method, path=request.path, status=status, ms=round(seconds * 1000, 3))

    async def _answer(self, request: web.Request, handler: Handler, reference: str) -> web.StreamResponse:
        """Turn every failure into an answer; a fault is logged, and its cause stays in the log."""
        try:
            self._check(request)
            return await handler(request)
        except ReplyError as error:
            if error.code.status in (401, 403):
                address = self._access.address(request)
                log.info(
                    "request refused", method=request.method, path=request.path, address=address, code=error.code.word
                )
            response = refusal(request.path, error, self._clock.now())
            if isinstance(error, BrokenBody):
                response.force_close()
            return response
        except web.HTTPException as error:
            return from_aiohttp(error, request.path, self._clock.now())
        except ConnectionResetError:
            raise
        except Exception:
            log.exception("request failed", method=request.method, path=request.path)
            message = "a fault in the hub; its log has it under this reference"
            fault = ReplyError(ErrorCode.INTERNAL, message, reference=reference)
            return refusal(request.path, fault, self._clock.now())

    def _check(self, request: web.Request) -> None:
        """Refuse foreign pages and floods."""
        headers = request.headers
        host = headers.get("Host", "")
        refusal = (
            self._origins.host_refusal(headers, host)
            if request.method in SAFE
            else self._origins.refusal(headers, request.scheme, host)
        )
        if refusal is not None:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, refusal)
        if self.rate and not request.path.startswith((CONSOLE, ADMIN)):  # a page is many files
            self._take(self._access.address(request))

    def _take(self, address: str) -> None:
        now = self._clock.monotonic()
        bucket = self._buckets.get(address)
        if bucket is None or bucket.rate != self.rate:
            if len(self._buckets) >= _BUCKETS_MAX:
                self._buckets.clear()
            bucket = self._buckets[address] = TokenBucket(self.rate, max(1.0, self.rate), now)
        wait = bucket.take(now)
        if wait:
            message = f"more than {self.rate:g} requests per second (limits.http_requests_per_second)"
            raise ReplyError(ErrorCode.RATE_LIMITED, message, retry_after=math.ceil(wait * 1000) / 1000)


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
