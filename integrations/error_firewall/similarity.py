"""Calls that look like one that failed. What is found here warns, and never blocks.

A call becomes a vector of hashed words and trigrams of its parameters. It is compared only with calls of the same
operation that have the same numbers, versions and flags in their short values: `17.0` and `17.2` tell two calls apart
however alike the rest is. This also keeps what a check has to compare small.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from integrations.error_firewall.call import Call
from integrations.error_firewall.normalise import normalise

Vector = npt.NDArray[np.float32]

DIMENSIONS: Final = 256
SHORT: Final = 80
"""Characters of a value up to which it counts as a name: its numbers must be the same. Longer ones are prose."""

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_DIGITS: Final = re.compile(r"\d+")


class Embedder(Protocol):
    """Turns the text of a call into a vector of unit length, always of one size.

    Called by checks that found nothing else, from any thread: it must be fast, or a check isn't.
    """

    def __call__(self, text: str) -> Vector: ...


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Go through all scalars with their dotted paths; the parts of a list share their list's."""
    for name, value in values.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}.")
        elif isinstance(value, list):
            for part in value:
                yield from flat(part, f"{path}.") if isinstance(part, Mapping) else [(path, part)]
        else:
            yield path, value


def guard(call: Call) -> tuple[Any, ...]:
    """Return what two calls must have in common before likeness means anything."""
    marks: list[tuple[str, ...]] = []
    for path, value in flat(call.params):
        if not isinstance(value, str):
            marks.append((path, repr(value)))
        elif len(value) <= SHORT and (digits := _DIGITS.findall(value)):
            marks.append((path, *digits))
    return (call.operation.casefold(), *sorted(marks))


def text_of(call: Call) -> str:
    """Write a call's parameters as one text."""
    return "\n".join(f"{path}: {value}" for path, value in flat(call.params))


def lexical(call: Call) -> Vector:
    """Make a vector of hashed words (weight 2) and trigrams (weight 1) of the parameters; zero for a call without."""
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    for path, value in flat(call.params):
        if not isinstance(value, str):
            continue
        text = value.casefold() if len(value) <= SHORT else normalise(value)
        words = _WORD.findall(text)
        for word in words:
            _count(vector, f"{path}={word}", 2.0)
        joined = f" {' '.join(words)} "
        for start in range(len(joined) - 2):
            _count(vector, joined[start : start + 3], 1.0)
    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length else vector


def _count(vector: Vector, feature: str, weight: float) -> None:
    code = zlib.crc32(feature.encode("utf-8", "replace"))
    vector[code % DIMENSIONS] += weight if code & 0x8000_0000 else -weight


class Similarity:
    """Vectors of recorded calls. Bounded: the oldest leave when there are too many. Callable from any thread.

    Args:
        threshold: cosine from which two calls are alike (0 to 1).
        most: vectors kept; each takes 1 kB (or the embedder's size).
        candidates: vectors that one search compares at most, the newest first.
        embed: makes the vectors instead of the lexical ones.
    """

    def __init__(
        self, threshold: float = 0.9, most: int = 50_000, candidates: int = 500, embed: Embedder | None = None
    ) -> None:
        self.threshold = threshold
        self._most = most
        self._candidates = candidates
        self._embed = embed
        self._lock = threading.Lock()
        self._buckets: dict[tuple[Any, ...], dict[str, Vector]] = {}
        self._places: dict[str, tuple[Any, ...]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def put(self, name: str, call: Call) -> None:
        """Remember a recorded call. Remembering it again changes nothing: a record's parameters don't change."""
        if name in self._places or not self._most:
            return
        place, vector = guard(call), self._vector(call)
        if not vector.any():
            return
        with self._lock:
            self._places[name] = place
            self._buckets.setdefault(place, {})[name] = vector
            while len(self._places) > self._most:
                self._drop(next(iter(self._places)))

    def drop(self, name: str) -> None:
        """Forget a record."""
        with self._lock:
            self._drop(name)

    def search(self, call: Call, most: int = 5) -> list[tuple[str, float]]:
        """Return the records most like a call and their scores (threshold to 1), best first."""
        bucket = self._buckets.get(guard(call))
        if not bucket:
            return []
        with self._lock:
            pairs = list(islice(reversed(bucket.items()), self._candidates))
        if not pairs:
            return []
        scores = np.stack([vector for _, vector in pairs]) @ self._vector(call)
        order = np.argsort(-scores, kind="stable")[:most]
        return [
            (pairs[i][0], round(min(float(scores[i]), 1.0), 4)) for i in order.tolist() if scores[i] >= self.threshold
        ]

    def _vector(self, call: Call) -> Vector:
        return lexical(call) if self._embed is None else self._embed(text_of(call))

    def _drop(self, name: str) -> None:
        place = self._places.pop(name, None)
        if place is not None:
            bucket = self._buckets[place]
            del bucket[name]
            if not bucket:
                del self._buckets[place]
