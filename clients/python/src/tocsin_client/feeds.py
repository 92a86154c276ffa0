"""All channels that a client follows: who reads them, and what to send for that. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tocsin_client.errors import HubError
from tocsin_client.feed import Feed, Subscriber
from tocsin_client.wire import Fields, error_of

OnReply = Callable[[Fields | None], None]
"""Takes a reply, or `None`: the connection ended before it came."""


class Wire(Protocol):
    """Sends commands on the connection that there is."""

    def send(self, command: dict[str, Any], on_reply: OnReply) -> None:
        """Send, soon and together with what else is sent now; the reply is handed over in its place among what the
        hub sends. Without a connection nothing happens: a new one asks for `Feeds.resume`."""

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` after so long, unless the connection ends before."""


RETRY = 2.0
"""Seconds after which a subscribe that was refused for the moment is sent again, when the hub names no time."""


class Feeds:
    """The channels of a client."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._feeds: dict[str, Feed] = {}

    def __len__(self) -> int:
        return len(self._feeds)

    def add(self, channel: str, subscriber: Subscriber) -> Feed:
        """Let a subscription in, and subscribe on the wire where that is new or has other options."""
        feed = self._feeds.get(channel)
        if feed is None:
            feed = self._feeds[channel] = Feed(channel)
            feed.add(subscriber)
            self._subscribe(feed)
            return feed
        before = feed.command(None)
        feed.add(subscriber)
        self._change(feed, before)
        return feed

    def remove(self, feed: Feed, subscriber: Subscriber) -> None:
        """Let a subscription go; the last one of a channel unsubscribes. Again is harmless."""
        if subscriber not in feed.subscribers:
            return
        before = feed.command(None)
        feed.subscribers.remove(subscriber)
        if feed.subscribers:
            self._change(feed, before)
        elif self._feeds.get(feed.channel) is feed:
            del self._feeds[feed.channel]
            self._wire.send({"action": "unsubscribe", "channel": feed.channel}, _ignore)

    def _change(self, feed: Feed, before: dict[str, Any]) -> None:
        command = feed.command(None)
        if feed.joined and command != before:
            self._wire.send(command, _ignore)

    def resume(self) -> None:
        """Subscribe to everything on a new connection."""
        for feed in self._feeds.values():
            self._subscribe(feed)

    def lost(self) -> None:
        """Note the end of a connection."""
        for feed in self._feeds.values():
            feed.lost()

    def _subscribe(self, feed: Feed) -> None:
        since = feed.since()

        def on_reply(reply: Fields | None) -> None:
            if reply is None or self._feeds.get(feed.channel) is not feed:
                return  # or everyone left meanwhile; an unsubscribe is behind the subscribe
            if reply.get("type") == "error":
                self._refused(feed, error_of(reply))
            else:
                feed.join(reply, since)

        self._wire.send(feed.command(since), on_reply)

    def _refused(self, feed: Feed, error: HubError) -> None:
        if not error.temporary:
            self._end(feed, error)
            return
        self._wire.later(error.retry_after or RETRY, lambda: self._again(feed))

    def _again(self, feed: Feed) -> None:
        if self._feeds.get(feed.channel) is feed and not feed.joined:
            self._subscribe(feed)

    def _end(self, feed: Feed, error: HubError) -> None:
        if self._feeds.get(feed.channel) is feed:
            del self._feeds[feed.channel]
        feed.fail(error)

    def receive(self, fields: Fields, size: int) -> None:
        """Take what the hub sent about a channel, if anyone here reads it."""
        feed = self._feeds.get(fields.get("channel", ""))
        if feed is None:
            return
        if fields.get("type") == "unsubscribed" and "data" not in fields:
            self._end(feed, error_of(fields))
        else:
            feed.receive(fields, size)

    def fail(self, error: HubError) -> None:
        """End all subscriptions."""
        for feed in tuple(self._feeds.values()):
            self._end(feed, error)


def _ignore(reply: Fields | None) -> None:
    """An unsubscribe, or options that changed: whatever the answer is, there is nothing to do."""
