"""What a publication must satisfy before it is published: size, schema, rate; and its conflation key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jsonschema_rs
import orjson

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Publication
from channels.policy import ChannelOptions
from channels.rate import TokenBucket

_FEW_BUCKETS: Final = 1024
"""Rates that are kept without looking for idle ones: some 200 KiB."""

_SHOWN: Final = 300
"""Characters of a schema's complaint that are told. It quotes the value, which may be a megabyte."""


class PublicationChecks:
    """Checks drafts against their channel's options. One per process; keeps compiled schemas and the channels' rates.

    Args:
        clock: for rates.

    Attributes:
        passed: drafts that were not refused, since the start.
    """

    def __init__(self, clock: Clock) -> None:
        self.passed = 0
        self._clock = clock
        self._validators: dict[int, tuple[Mapping[str, Any], jsonschema_rs.Validator]] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._most_buckets = _FEW_BUCKETS

    def check(self, draft: Draft, options: ChannelOptions) -> None:
        """Refuse a draft that its channel doesn't take.

        Raises:
            ReplyError: `data_too_large`, `invalid_data` (with `path`) or `rate_limited` (with `retry_after`).
        """
        if options.max_bytes and len(draft.data) > options.max_bytes:
            raise ReplyError(
                ErrorCode.DATA_TOO_LARGE,
                f"data is {len(draft.data)} bytes; {draft.channel} takes at most {options.max_bytes}",
                limit=options.max_bytes,
            )
        if options.schema is not None:
            self._match(draft, options.schema)
        if options.max_rate:
            self._pass(draft.channel, options.max_rate)
        self.passed += 1

    def _match(self, draft: Draft, schema: Mapping[str, Any]) -> None:
        known = self._validators.get(id(schema))
        if known is None:
            # The schema is kept beside its validator, so that its id can't be given to another object.
            known = self._validators[id(schema)] = (schema, jsonschema_rs.validator_for(dict(schema)))
        error = next(known[1].iter_errors(orjson.loads(draft.data)), None)
        if error is not None:
            path = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.instance_path)
            message = error.message if len(error.message) <= _SHOWN else f"{error.message[:_SHOWN]}..."
            raise ReplyError(
                ErrorCode.INVALID_DATA, f"data{path} breaks the schema of {draft.channel}: {message}", path=path or "/"
            )

    def _pass(self, channel: str, rate: float) -> None:
        now = self._clock.monotonic()
        bucket = self._buckets.get(channel)
        if bucket is None or bucket.rate != rate:
            self._drop_idle_buckets(now)
            bucket = self._buckets[channel] = TokenBucket(rate, max(1.0, rate), now)
        # Rounded up: who tries again after that time is let through.
        wait = math.ceil(bucket.take(now) * 1000) / 1000
        if wait:
            raise ReplyError(
                ErrorCode.RATE_LIMITED,
                f"{channel} takes {rate:g} publications per second; try again in {wait:.3f} s",
                retry_after=wait,
            )

    def _drop_idle_buckets(self, now: float) -> None:
        """Rooms and jobs come and go: keep no rate of a channel that is silent again."""
        if len(self._buckets) >= self._most_buckets:
            self._buckets = {name: bucket for name, bucket in self._buckets.items() if not bucket.is_full(now)}
            self._most_buckets = max(_FEW_BUCKETS, 2 * len(self._buckets))


def conflation_key(draft: Draft, conflate: str) -> str | None:
    """Return what makes this draft replace an earlier one, by the channel's `conflate` option.

    A pointer that leads nowhere, and a missing publisher's key, give `None`: the publication is then kept like any
    other.
    """
    if conflate == "type":
        return draft.type
    if conflate in ("", "key"):
        return draft.key if conflate else None
    value = orjson.loads(draft.data)
    for part in conflate.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def newest_per_key(publications: Sequence[Publication]) -> tuple[Publication, ...]:
    """Keep only the newest of each key, in order; those without a key all stay."""
    newest = {p.key: i for i, p in enumerate(publications)}
    return tuple(p for i, p in enumerate(publications) if p.key is None or newest[p.key] == i)
