"""Between the alert book and the noticeboard: what one process writes down, all of them read.

A notice of an alert that fires ends when its owner no longer renews it; one of its end outlasts it, so that nobody who
reads the board later takes the alert for one that fires.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog

from channels.clock import Clock
from channels.messages import SystemAlert
from hub.notices import Details, Handler, Notices
from integrations.system_monitor.book import Acknowledgement, Book, Entry
from integrations.system_monitor.silences import Silence

log = structlog.get_logger(__name__)

_ALERT, _ACKNOWLEDGED, _SILENCE, _LIFTED = "alert", "alert-ack", "alert-silence", "alert-lift"
"""Kinds of notices."""

_OUTLAST: Final = 60.0
"""Seconds by which the notice of an end outlasts that of the alert."""

_REMEMBERED: Final = 3_600.0
"""Seconds for which the board remembers an alert beyond its owner's last word. A hub that was down as a whole for less
than that ends it when it is back."""

_HERE_ONLY: Final = {"description"}
"""Fields that stay in the process that has the alert: a notice may have 4 KiB."""


class AlertBoard:
    """Posts to the noticeboard, and writes into the book what comes from there.

    Attributes:
        unread: notices about alerts that this version doesn't understand.
    """

    def __init__(self, notices: Notices, book: Book, clock: Clock) -> None:
        self.unread = 0
        self._notices = notices
        self._book = book
        self._clock = clock
        for kind, handler in (
            (_ALERT, self._on_alert),
            (_ACKNOWLEDGED, self._on_acknowledged),
            (_SILENCE, self._on_silence),
            (_LIFTED, self._on_lifted),
        ):
            notices.listen(kind, self._careful(kind, handler))

    async def post(self, entry: Entry) -> None:
        """Tell all processes how an alert is, until `entry.until`.

        Raises:
            ReplyError: `unavailable`, or `data_too_large`; they don't know then.
        """
        alert = entry.alert.model_dump(mode="json", exclude=_HERE_ONLY, exclude_defaults=True)
        # Only the end is another one each time: a notice that is posted again takes no further place on the board.
        details = (entry.key, entry.owner, _json(alert))
        await self._notices.post(_ALERT, details, entry.until + _beyond(entry.alert))

    async def acknowledge(self, alert_id: str, said: Acknowledgement, until: float) -> None:
        """Tell all processes that somebody takes care of an alert.

        Raises:
            ReplyError: `unavailable`; nobody knows then.
        """
        details = (alert_id, said.by, said.at, said.episode, said.note)
        await self._notices.post(_ACKNOWLEDGED, details, until)

    async def silence(self, silence: Silence, until: float) -> None:
        """Put a silence in force in all processes.

        Raises:
            ReplyError: `unavailable`, or `data_too_large`; it is in force nowhere then.
        """
        details = (silence.id, silence.by, silence.comment, silence.created, _json(silence.matchers))
        await self._notices.post(_SILENCE, details, until)

    async def lift(self, silence_id: str, until: float) -> None:
        """End a silence in all processes.

        Args:
            until: the end that it had, in seconds since 1970.

        Raises:
            ReplyError: `unavailable`; it is in force everywhere then.
        """
        await self._notices.post(_LIFTED, (silence_id,), until + _OUTLAST)

    def _careful(self, kind: str, handler: Handler) -> Handler:
        """Read with `handler`; what it can't read is counted, and hurts nobody."""

        def read(details: Details, until: float) -> None:
            try:
                handler(details, until)
            except (ValueError, TypeError, IndexError) as error:
                self.unread += 1
                if self.unread == 1:
                    log.warning("a notice about an alert can't be read", kind=kind, error=type(error).__name__)

        return read

    def _on_alert(self, details: Details, until: float) -> None:
        key, owner, text = details
        alert = SystemAlert.model_validate(orjson.loads(str(text)))
        self._book.write(alert, str(key), str(owner), until - _beyond(alert))

    def _on_acknowledged(self, details: Details, until: float) -> None:
        alert_id, by, at, episode, note = details
        said = Acknowledgement(str(by), float(at), float(episode), str(note))
        self._book.acknowledge(str(alert_id), said, until)

    def _on_silence(self, details: Details, until: float) -> None:
        name, by, comment, created, text = details
        matchers = {str(label): str(value) for label, value in dict(orjson.loads(str(text))).items()}
        self._book.silence(Silence(str(name), matchers, until, str(by), str(comment), float(created)))

    def _on_lifted(self, details: Details, until: float) -> None:
        self._book.lift(str(details[0]), until)


def _beyond(alert: SystemAlert) -> float:
    """Return the seconds by which a notice outlasts what it says."""
    return _REMEMBERED if alert.status == "firing" else _REMEMBERED + _OUTLAST


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
