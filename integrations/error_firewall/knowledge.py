"""What is known now: the index of all entries, what looks alike, and which calls have lately succeeded."""

from __future__ import annotations

import threading
from collections import OrderedDict

import structlog

from integrations.error_firewall.call import Call
from integrations.error_firewall.index import Index
from integrations.error_firewall.model import Entry, Record, Status
from integrations.error_firewall.similarity import Similarity

log = structlog.get_logger(__name__)


class Knowledge:
    """Keeps index and similarity in step. Callable from any thread.

    Attributes:
        lock: held by who reads an entry, changes it and puts it back.
        failures: records that could not be compared for likeness, because the embedder failed.
    """

    def __init__(self, similarity: Similarity, most_recent: int = 1_000) -> None:
        """`most_recent`: calls that succeeded which are remembered."""
        self.index = Index()
        self.similarity = similarity
        self.recent = Recent(most_recent)
        self.lock = threading.RLock()
        self.failures = 0

    def put(self, entry: Entry) -> None:
        """Know an entry, or its newer version."""
        self.index.put(entry)
        if isinstance(entry, Record):
            if entry.status is Status.RETIRED:
                self.similarity.drop(entry.id)
            else:
                self._compare(entry)

    def _compare(self, record: Record) -> None:
        try:
            self.similarity.put(record.id, call_of(record))
        except Exception:  # an embedder is somebody else's: without it a record is known by everything but likeness
            self.failures += 1
            if self.failures == 1:
                log.exception("a record can't be compared for likeness", record=record.id)

    def drop(self, name: str) -> None:
        """Forget an entry."""
        self.index.drop(name)
        self.similarity.drop(name)


def call_of(record: Record) -> Call:
    """Return the call that failed."""
    return Call(record.operation, record.params, record.context, record.fingerprints.call, True)


class Recent:
    """Calls that succeeded, the newest of them. Callable from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._calls: OrderedDict[str, Call] = OrderedDict()

    def __contains__(self, call: Call) -> bool:
        return call.fingerprint in self._calls

    def add(self, call: Call) -> None:
        """Remember that a call succeeded."""
        with self._lock:
            self._calls[call.fingerprint] = call
            self._calls.move_to_end(call.fingerprint)
            if len(self._calls) > self._most:
                self._calls.popitem(last=False)

    def drop(self, call: Call) -> None:
        """A call that succeeded once has failed."""
        with self._lock:
            self._calls.pop(call.fingerprint, None)

    def of(self, operation: str) -> list[Call]:
        """Return those of one operation."""
        with self._lock:
            return [call for call in self._calls.values() if call.operation == operation]
