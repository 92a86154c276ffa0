"""Delivery to connections: publications of one moment are framed once, joined, and written once per connection.

A publication waits for the end of the loop's tick, and while the hub is busy a little longer: when the last flush took
T, the next one starts T after its end, at most `coalesce_max`. So at most half of the time goes into writing, the
batches grow with the load, and an idle hub sends at once. Nothing here awaits.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, cast

from channels.model import Position, Publication
from channels.policy import ChannelOptions
from channels.ports import Audience, Subscriber
from hub.dialects import Encoder
from hub.outbox import Outbox
from hub.throttle import Throttles


@dataclass(slots=True)
class FanoutCounters:
    """What fan-out did since the start. Plain numbers: read when metrics are asked for."""

    deliveries: int = 0
    writes: int = 0
    bytes: int = 0
    flushes: int = 0


class _Batch:
    """Publications of one channel that go to the same audience."""

    __slots__ = ("audience", "blobs", "conflated", "excluded", "publications")

    def __init__(self, audience: Audience, conflated: bool) -> None:
        self.audience = audience
        self.conflated = conflated
        self.publications: list[Publication] = []
        self.excluded = False
        self.blobs: dict[Encoder, bytes] = {}

    def blob(self, encoding: Encoder) -> bytes:
        blob = self.blobs.get(encoding)
        if blob is None:
            blob = self.blobs[encoding] = b"".join(map(encoding.publication, self.publications))
        return blob

    def blob_for(self, connection: Outbox) -> bytes:
        """The blob for a connection that may be excluded from some of the publications."""
        if not self.excluded or all(p.exclude != connection.client_id for p in self.publications):
            return self.blob(connection.encoding)
        encoding = connection.encoding
        return b"".join(
            encoding.withheld(p) if p.exclude == connection.client_id else encoding.publication(p)
            for p in self.publications
        )

    def give_to_slow(self, connection: Outbox, now: float) -> None:
        """Give a conflated channel's publications to a slow connection: each takes the place of an older one with its
        key."""
        for publication in self.publications:
            if publication.exclude != connection.client_id:
                _push_one(connection, publication, now)


class _Plan:
    """How to write to an audience: descriptors by encoding, and the connections that have none to write to.

    Holds as long as no connection's descriptor changes, which in a steady state is long. A flush then touches no
    connection at all.
    """

    __slots__ = ("changes", "groups", "others")

    def __init__(self, connections: list[Outbox]) -> None:
        self.changes = Outbox.changes
        self.others = [connection for connection in connections if connection.fd < 0]
        by_encoding: dict[Encoder, list[Outbox]] = {}
        for connection in connections:
            if connection.fd >= 0:
                by_encoding.setdefault(connection.encoding, []).append(connection)
        self.groups = [(encoding, group, [c.fd for c in group]) for encoding, group in by_encoding.items()]


def _write_to_each(descriptors: list[int], blob: bytes, connections: list[Outbox]) -> None:
    """Write `blob` to every descriptor: the hub's innermost loop, which for that reason is one `map`.

    What a descriptor takes in part, or not at all, goes on through its connection's transport.
    """
    done = 0
    while done < len(descriptors):
        written: list[int] = []
        try:
            written.extend(map(os.write, descriptors[done:] if done else descriptors, repeat(blob)))
        except OSError:  # full, or gone: the transport finds out which, and acts. What came before is in the list.
            written.append(0)
        if written.count(len(blob)) != len(written):
            for connection, size in zip(connections[done:], written, strict=False):
                if size != len(blob):
                    connection.push_rest(blob, size)
        done += len(written)


class Fanout:
    """The `channels.ports.Delivery` of a process.

    Args:
        loop: the event loop that runs the engine and all connections.
        coalesce_max: longest time in seconds that a publication waits for others.
        observe_delay: is told, for each flush, the seconds from its first publication to the end of its writes.

    Attributes:
        delivered_at: when each channel's last publication was written, in the loop's time; see `forget`.
        delivered_to: that publication's position; `None` where no history is kept.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        coalesce_max: float,
        observe_delay: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.counters = FanoutCounters()
        self.delivered_at: dict[str, float] = {}
        self.delivered_to: dict[str, Position | None] = {}
        self._loop = loop
        self._coalesce_max = coalesce_max
        self._observe_delay = observe_delay
        self._pending: dict[str, list[_Batch]] = {}
        self._first = 0.0
        self._free_from = 0.0
        self._scheduled: asyncio.Handle | None = None
        self._throttles = Throttles(loop, self._push_one)

    def deliver(self, publication: Publication, audience: Audience, options: ChannelOptions) -> int:
        batches = self._pending.get(publication.channel)
        if batches is None:
            batches = self._pending[publication.channel] = []
        if not batches or batches[-1].audience is not audience:
            batches.append(_Batch(audience, bool(options.conflate)))
        batch = batches[-1]
        batch.publications.append(publication)
        reached = len(audience)
        if publication.exclude is not None:
            batch.excluded = True
            everyone = (*audience.prompt, *audience.throttled)
            reached -= sum(subscriber.client_id == publication.exclude for subscriber in everyone)
        self.counters.deliveries += reached
        if self._scheduled is None:
            self._schedule()
        return reached

    def release(self, subscriber: Subscriber, channel: str) -> None:
        connection = cast(Outbox, subscriber)
        self._throttles.forget(connection, channel)
        if channel in self._pending:
            self.flush()
        # What it got there still counts when its idle time is looked at, though the channel is no longer its own.
        connection.active = max(connection.active, self.delivered_at.get(channel, 0.0))

    def notify(self, subscriber: Subscriber, notice: Mapping[str, Any]) -> None:
        connection = cast(Outbox, subscriber)
        if "offset" in notice:
            # It has a place in the channel's stream: what was published before comes before it.
            if notice["channel"] in self._pending:
                self.flush()
            self._throttles.settle(connection, notice["channel"])
        connection.send(connection.encoding.message(notice))

    def replay(self, connection: Outbox, publications: tuple[Publication, ...]) -> None:
        """Send recovered publications, which come before all that is delivered from now on."""
        encoding = connection.encoding
        connection.replay(
            b"".join(
                encoding.withheld(p) if p.exclude == connection.client_id else encoding.publication(p)
                for p in publications
            ),
            self._loop.time(),
        )

    def forget(self, channels: Collection[str]) -> None:
        """Keep no times and positions of channels other than these."""
        self.delivered_at = {channel: at for channel, at in self.delivered_at.items() if channel in channels}
        for channel in [channel for channel in self.delivered_to if channel not in channels]:
            del self.delivered_to[channel]

    def _schedule(self) -> None:
        now = self._loop.time()
        self._first = now
        if now >= self._free_from:
            self._scheduled = self._loop.call_soon(self.flush)
        else:
            self._scheduled = self._loop.call_at(self._free_from, self.flush)

    def flush(self) -> None:
        """Write everything that is pending."""
        if self._scheduled is not None:
            self._scheduled.cancel()
            self._scheduled = None
        if not self._pending:
            return
        started = self._loop.time()
        pending, self._pending = self._pending, {}
        self.delivered_at.update(dict.fromkeys(pending, started))
        for channel, waiting in pending.items():
            self.delivered_to[channel] = waiting[-1].publications[-1].position
        batches = [batch for channel_batches in pending.values() for batch in channel_batches]
        if len(batches) == 1:
            self._write(batches[0], started)
        else:
            self._write_gathered(batches, started)
        ended = self._loop.time()
        self._free_from = ended + min(ended - started, self._coalesce_max)
        self.counters.flushes += 1
        self._observe_delay(ended - self._first)

    def _write(self, batch: _Batch, now: float) -> None:
        if batch.excluded or batch.conflated:
            self._write_gathered([batch], now)
            return
        plan = batch.audience.plan
        if plan is None or plan.changes != Outbox.changes:
            plan = batch.audience.plan = _Plan(cast("list[Outbox]", batch.audience.prompt))
        for encoding, connections, descriptors in plan.groups:
            blob = batch.blob(encoding)
            _write_to_each(descriptors, blob, connections)
            self.counters.bytes += len(blob) * len(descriptors)
        for connection in plan.others:
            blob = batch.blob(connection.encoding)
            connection.push(blob, now)
            self.counters.bytes += len(blob)
        self._throttle(batch)
        self.counters.writes += len(batch.audience.prompt)

    def _write_gathered(self, batches: list[_Batch], now: float) -> None:
        """Write several batches with one write per connection, in the order in which they were published per
        channel."""
        gathered: dict[Outbox, list[bytes]] = {}
        for batch in batches:
            for subscriber in batch.audience.prompt:
                connection = cast(Outbox, subscriber)
                if batch.conflated and self._throttles:
                    self._throttles.settle(connection, batch.publications[0].channel)
                if batch.conflated and connection.is_slow:
                    self._push_gathered(connection, gathered.pop(connection, ()), now)
                    batch.give_to_slow(connection, now)
                else:
                    gathered.setdefault(connection, []).append(batch.blob_for(connection))
            for subscriber in batch.audience.throttled:
                connection = cast(Outbox, subscriber)
                self._push_gathered(connection, gathered.pop(connection, ()), now)
            self._throttle(batch)
        for connection, blobs in gathered.items():
            self._push_gathered(connection, blobs, now)

    def _push_gathered(self, connection: Outbox, blobs: Sequence[bytes], now: float) -> None:
        if blobs:
            blob = blobs[0] if len(blobs) == 1 else b"".join(blobs)
            connection.push(blob, now)
            self.counters.bytes += len(blob)
            self.counters.writes += 1

    def _throttle(self, batch: _Batch) -> None:
        for subscriber, interval in batch.audience.throttled.items():
            connection = cast(Outbox, subscriber)
            for publication in batch.publications:
                if publication.exclude != connection.client_id:
                    self._throttles.offer(connection, publication, interval)

    def _push_one(self, connection: Outbox, publication: Publication) -> None:
        _push_one(connection, publication, self._loop.time())


def _push_one(connection: Outbox, publication: Publication, now: float) -> None:
    """Send one publication; to a slow connection in place of an older one with the same key."""
    frames = connection.encoding.publication(publication)
    if publication.key is None or not connection.is_slow:
        connection.push(frames, now)
    elif connection.is_open:
        connection.push_keyed([((publication.channel, publication.key), frames)])
