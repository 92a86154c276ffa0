"""Forges on the hub: what they deliver becomes notifications of the users that it is for, each once."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

import orjson
import structlog
from prometheus_client.core import CounterMetricFamily, Metric

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft, Published, is_name, user_channel
from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.deliveries import Deliveries
from hub.sections.webhooks import SourceOptions, WebhooksOptions
from integrations.forges import Delivery, Event, Forged, Malformed, Person, Unsigned, read

log = structlog.get_logger(__name__)

Publish = Callable[[Draft], Awaitable[Published]]

SOURCES: Final = ("github", "gitlab", "gitea")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery.

    Attributes:
        status: `published`; `duplicate`: it was published before; `ignored`: it is of a kind that isn't told.
        notifications: channels that it went to.
        delivery: what it says.
        new: no earlier attempt is known to have succeeded as a whole.
    """

    status: Literal["published", "duplicate", "ignored"]
    notifications: int
    delivery: Delivery
    new: bool = False


class Forges:
    """Takes deliveries, and answers when the broker has them.

    Attributes:
        push: nothing goes that way: a forge must be told when its delivery could not be published.
        outcomes: deliveries by source and by what became of them: `published`, `duplicate`, `ignored`, `unsigned`,
            `forged`, `malformed`, `failed` (the broker is away, or a channel is busy: the forge may send it again).
        unknown: people that events were for and who are no users here.
        refused: notifications that a channel refused for good, such as by its schema.
    """

    name = "forges"

    def __init__(self, options: WebhooksOptions, hub: Surroundings) -> None:
        self.push = Push()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.unknown = 0
        self.refused = 0
        self._sources: dict[str, SourceOptions] = {
            name: source for name in SOURCES if (source := getattr(options, name)).enabled
        }
        self._users = {known.lower(): user for known, user in options.users.items()}
        self._rooms = options.rooms
        self._clock = hub.clock
        self._deliveries = Deliveries(hub.claims, options.remember)

    async def start(self) -> None:
        """Nothing runs by itself."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    async def receive(self, source: str, headers: Mapping[str, str], body: bytes, publish: Publish) -> Received:
        """Check a delivery, and publish what it says to whom it is for.

        Args:
            headers: by their names in lower case.
            body: as it came.
            publish: publishes as the hub itself does.

        Raises:
            ReplyError: `not_found` for a source that isn't enabled; `unauthenticated`, `permission_denied` or
                `invalid_command` for a delivery that can't be taken; `unavailable` or `rate_limited` when not all of it
                could be published. The same delivery may then come again, and nobody is notified twice.
        """
        options = self._sources.get(source)
        if options is None:
            raise ReplyError(ErrorCode.NOT_FOUND, _off(source))
        delivery = self._read(source, options, headers, body)
        if not delivery.events:
            return self._done(source, Received("ignored", 0, delivery))
        id = f"{source}/{delivery.event}/{delivery.id}"
        try:
            attempt = await self._deliveries.begin(id)
            if attempt is None:
                return self._done(source, Received("duplicate", 0, delivery))
            published = await self._publish(self._drafts(id, delivery, options), publish)
        except ReplyError:
            self.outcomes[source, "failed"] += 1
            raise
        with suppress(ReplyError):
            await self._deliveries.succeeded(id, attempt)
        repeated = bool(published) and all(one.duplicate for one in published)
        status: Literal["published", "duplicate"] = "duplicate" if repeated else "published"
        return self._done(source, Received(status, len(published), delivery, new=True))

    def collect(self) -> Iterator[Metric]:
        """Measure deliveries. The metrics are there also while no source is enabled."""
        deliveries = CounterMetricFamily(
            "tocsin_webhook_deliveries",
            "Deliveries of forges, by what became of them.",
            labels=["source", "outcome"],
        )
        for (source, outcome), number in sorted(self.outcomes.items()):
            deliveries.add_metric([source, outcome], number)
        yield deliveries
        yield CounterMetricFamily(
            "tocsin_webhook_unknown_people",
            "People whom events of forges were for, and who are no users here.",
            value=self.unknown,
        )
        yield CounterMetricFamily(
            "tocsin_webhook_refused",
            "Notifications of forges' events that a channel refused for good.",
            value=self.refused,
        )

    def _done(self, source: str, received: Received) -> Received:
        self.outcomes[source, received.status] += 1
        return received

    def _read(self, source: str, options: SourceOptions, headers: Mapping[str, str], body: bytes) -> Delivery:
        try:
            return read(source, headers, body, options.secret.get_secret_value(), self._clock.now())
        except Unsigned:
            self.outcomes[source, "unsigned"] += 1
            raise ReplyError(
                ErrorCode.UNAUTHENTICATED, "expected a signature; give the forge's webhook the secret that the hub has"
            ) from None
        except Forged:
            self.outcomes[source, "forged"] += 1
            raise ReplyError(
                ErrorCode.PERMISSION_DENIED, "the signature is wrong, or too old; is the secret that of the hub?"
            ) from None
        except Malformed as error:
            self.outcomes[source, "malformed"] += 1
            raise ReplyError(ErrorCode.INVALID_COMMAND, str(error)) from None

    def _drafts(self, id: str, delivery: Delivery, options: SourceOptions) -> Iterator[Draft]:
        timestamp = iso(self._clock.now())
        room = self._rooms.get(delivery.repository)
        for number, event in enumerate(delivery.events):
            channels = [user_channel(user) for user in self._recipients(event, options)]
            channels += [f"room:{room}"] if room is not None else []
            data = orjson.dumps(event.message.model_dump(mode="json"))
            for channel in channels:
                key = hashlib.sha256(f"{id}\n{number}\n{channel}".encode()).hexdigest()[:40]
                yield Draft(channel, event.message.type, data, timestamp, idempotency_key=key)

    def _recipients(self, event: Event, options: SourceOptions) -> list[str]:
        """Return the users that an event is for, each once, and never who did it."""
        users: dict[str, None] = {}
        for person in event.recipients:
            user = self._user(person, options)
            if user is None:
                self.unknown += 1
            else:
                users[user] = None
        by = None if event.by is None else self._user(event.by, options)
        return [user for user in users if user != by]

    def _user(self, person: Person, options: SourceOptions) -> str | None:
        for known in (person.login, person.email, person.number and f"id:{person.number}"):
            if known and (user := self._users.get(known.lower())) is not None:
                return user
        return person.login if options.logins and is_name(person.login) else None

    async def _publish(self, drafts: Iterable[Draft], publish: Publish) -> list[Published]:
        """Publish all, and return what was taken.

        Raises:
            ReplyError: one couldn't be published now; others may have been.
        """
        results = await asyncio.gather(*(self._publish_one(draft, publish) for draft in drafts))
        for result in results:
            if isinstance(result, ReplyError):
                raise result
            if result is not None and result.queued:
                # It waits in this process, and is lost with it: the forge keeps it until it is said to be taken.
                message = "the broker is away; send the delivery again, nobody is notified twice"
                raise ReplyError(ErrorCode.UNAVAILABLE, message)
        return [result for result in results if isinstance(result, Published)]

    async def _publish_one(self, draft: Draft, publish: Publish) -> Published | ReplyError | None:
        try:
            return await publish(draft)
        except ReplyError as error:
            if error.code.temporary:
                return error
            self.refused += 1
            log.warning("a forge's event can't be published", channel=draft.channel, code=error.code.word)
            return None


def _off(source: str) -> str:
    known = [name for name, value in WebhooksOptions() if isinstance(value, SourceOptions)]
    if source in known:
        return f"webhooks of {source} are off; set webhooks.{source}.enabled: true"
    return f"webhooks of {source[:20]!r} are not known; those of {', '.join(known)} are"
