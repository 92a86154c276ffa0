"""The one thread per process that sends what waits: in order, each once, and again until it has arrived."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections import deque
from typing import Any, Final, NamedTuple

from tocsin_client.backoff import Backoff
from tocsin_client.errors import HubError, Unreachable
from tocsin_client.http import HttpConnection
from tocsin_client.limits import Limits
from tocsin_client.settings import Target
from tocsin_client.tokens import authorization, current
from tocsin_client.waiting import Notification, Waiting
from tocsin_client.wire import error_of

log = logging.getLogger("tocsin_client")

PATH: Final = "/api/publish/batch"
_BODY_REFUSED: Final = frozenset({400, 413, 422})
"""The hub refuses the body as a whole, though only one publication in it may be at fault."""


class Item(NamedTuple):
    """A notification on its way."""

    notification: Notification
    idempotency_key: str
    text: bytes


class Sender:
    """Sends what waits, on the thread that calls `run`.

    Requests follow one another on one connection, so the order is kept over all channels. Each item keeps its
    idempotency key through all attempts. When a channel alone refuses for the moment, its items step aside and the
    others go on.
    """

    def __init__(self, target: Target, waiting: Waiting, limits: Limits) -> None:
        self._target = target
        self._waiting = waiting
        self._limits = limits
        self._connection = HttpConnection(target.address)
        self._backoff = Backoff(limits.backoff_first, limits.backoff_longest)
        self._prefix = secrets.token_hex(8)
        self._number = 0
        self._again: deque[Item] = deque()
        self._aside: dict[str, tuple[float, deque[Item]]] = {}
        self._at_once = limits.batch
        self._unsure_since: float | None = None
        self._stop_at: float | None = None
        self._stopping = threading.Event()
        self._failing = False
        self._told: set[str] = set()

    def stop(self, timeout: float) -> None:
        """Have `run` end when nothing waits, or after so many seconds. Any thread."""
        self._stop_at = time.monotonic() + timeout
        self._stopping.set()
        self._waiting.ring()

    def run(self) -> None:
        """Send until told to stop."""
        try:
            while not self._is_over():
                self._step()
        finally:
            self._give_up()
            self._connection.close()

    def _is_over(self) -> bool:
        if self._stop_at is None:
            return False
        return not len(self._waiting) or time.monotonic() >= self._stop_at

    def _step(self) -> None:
        batch = self._next_batch()
        if not batch:
            # Whoever notifies in a burst finds this thread awake, and pays no system call to wake it.
            time.sleep(self._limits.linger)
            self._waiting.wait(self._seconds_to_wait())
            return
        try:
            self._send(batch)
        except Unreachable as error:
            self._failed(batch, error, error.may_have_arrived)
        except HubError as error:
            self._failed(batch, error, False)
        except Exception as error:  # a fault here must not be the end of all notifications in silence
            log.debug("sending notifications failed by a fault", exc_info=True)
            self._failed(batch, Unreachable(f"a fault in tocsin_client: {error!r}"), True)

    def _seconds_to_wait(self) -> float | None:
        times = [due for due, _ in self._aside.values()]
        if self._stop_at is not None:
            times.append(self._stop_at)
        return min(times) - time.monotonic() if times else None

    # Choosing.

    def _next_batch(self) -> list[Item]:
        """Choose what to send now: what failed first, then what waits."""
        now = time.monotonic()
        for channel, (due, items) in tuple(self._aside.items()):
            if now >= due or self._stopping.is_set():
                del self._aside[channel]
                self._again.extendleft(reversed(items))  # they are older than all else of their channel
        if self._again:
            return self._failed_before()
        taken = self._waiting.take(self._at_once, self._limits.batch_bytes)
        return [item for item in map(self._item, taken) if not self._steps_aside(item)]

    def _failed_before(self) -> list[Item]:
        """Take what failed, and nothing new with it: how long something may be sent again counts from its first try."""
        batch: list[Item] = []
        size = 0
        while self._again and len(batch) < self._at_once:
            size += len(self._again[0].text)
            if batch and size > self._limits.batch_bytes:
                break
            item = self._again.popleft()
            if not self._steps_aside(item):
                batch.append(item)
        return batch

    def _item(self, notification: Notification) -> Item:
        self._number += 1
        idempotency_key = f"{self._prefix}-{self._number}"
        head: dict[str, Any] = {
            "channel": notification.channel,
            "type": notification.type,
            "idempotency_key": idempotency_key,
        }
        if notification.key is not None:
            head["key"] = notification.key
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1].encode()
        return Item(notification, idempotency_key, b'%b,"data":%b}' % (text, notification.data))

    def _steps_aside(self, item: Item) -> bool:
        aside = self._aside.get(item.notification.channel)
        if aside is None:
            return False
        aside[1].append(item)
        return True

    # Sending.

    def _send(self, batch: list[Item]) -> None:
        body = b'{"publications":[%b]}' % b",".join(item.text for item in batch)
        headers = _headers(self._target)
        answer = self._connection.post(PATH, body, headers, self._limits.timeout)
        if answer.status in _BODY_REFUSED:
            self._refused_as_a_whole(batch, answer.error())
            return
        results = answer.fields.get("results")
        if not 200 <= answer.status < 300 or not isinstance(results, list) or len(results) != len(batch):
            raise answer.error()
        self._arrived(batch, results)

    def _refused_as_a_whole(self, batch: list[Item], error: HubError) -> None:
        """Find the one that is at fault, by halves; the order is kept."""
        if len(batch) == 1:
            self._refused(batch[0], error)
            return
        self._again.extendleft(reversed(batch))
        self._at_once = max(1, len(batch) // 2)

    def _arrived(self, batch: list[Item], results: list[dict[str, Any]]) -> None:
        errors = [error_of(result["error"]) if "error" in result else None for result in results]
        if all(error is not None and error.temporary for error in errors) and errors[0] is not None:
            raise errors[0]
        self._unsure_since = None
        self._recovered()
        self._backoff.reset()
        self._at_once = min(self._limits.batch, self._at_once * 2)
        settled: dict[str, list[Notification]] = {}
        for item, result, error in zip(batch, results, errors, strict=True):
            if error is None:
                outcome = next((word for word in ("superseded", "queued") if result.get(word) is True), "published")
                settled.setdefault(outcome, []).append(item.notification)
            elif error.temporary:
                self._set_aside(item, error)
            else:
                self._refused(item, error)
        for outcome, notifications in settled.items():
            self._waiting.settle(notifications, outcome)

    def _set_aside(self, item: Item, error: HubError) -> None:
        due = time.monotonic() + Backoff(self._limits.backoff_first, 1.0).next(error.retry_after or 0.0)
        self._aside.setdefault(item.notification.channel, (due, deque()))[1].append(item)
        self._tell_once(error.code, "a channel takes no notifications for the moment; they wait: %s", error)

    def _refused(self, item: Item, error: HubError) -> None:
        self._waiting.settle((item.notification,), "refused")
        text = "notification refused by %s and dropped: %s"
        self._tell_once(error.code, text, ascii(item.notification.channel)[:128], error)

    # Failing.

    def _failed(self, batch: list[Item], error: HubError, may_have_arrived: bool) -> None:
        now = time.monotonic()
        if may_have_arrived and self._unsure_since is None:
            self._unsure_since = now
        if self._unsure_since is not None and now - self._unsure_since > self._limits.memory:
            self._unsure_since = None
            self._waiting.settle([item.notification for item in batch], "uncertain")
        else:
            self._again.extendleft(reversed(batch))
        if not self._failing:
            self._failing = True
            log.warning("notifications wait, because the hub doesn't take them: %s", error)
        pause = self._backoff.next(error.retry_after or 0.0)
        if self._stop_at is not None:
            time.sleep(max(0.0, min(pause, 0.1, self._stop_at - now)))
        else:
            self._stopping.wait(pause)

    def _recovered(self) -> None:
        if self._failing:
            self._failing = False
            log.info("the hub takes notifications again; %d wait", len(self._waiting))

    def _tell_once(self, code: str, text: str, *details: object) -> None:
        if code not in self._told:
            self._told.add(code)
            log.warning(text, *details)

    def _give_up(self) -> None:
        """Count what is left as lost."""
        left = [*self._again, *(item for _, items in self._aside.values() for item in items)]
        self._waiting.settle([item.notification for item in left], "abandoned")
        self._waiting.drop_rest("abandoned")
        if lost := self._waiting.outcomes["abandoned"]:
            log.warning("%d notifications were not sent: the process ended before the hub took them", lost)


def _headers(target: Target) -> dict[str, str]:
    try:
        return authorization(current(target.token))
    except Exception as error:
        raise Unreachable(f"the token source raised {type(error).__name__}") from error
