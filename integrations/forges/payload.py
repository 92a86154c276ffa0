"""Reading a forge's JSON: each step checked, each complaint with its place, each text fit for a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from channels.messages.texts import LINE_MAX, NAME_MAX, TEXT_MAX, one_line, some_text
from integrations.forges.delivery import Malformed, Person

MOST_ITEMS: Final = 1_000
"""Items of a list that are looked at. Forges send fewer: GitHub 2,048 commits at most, GitLab 20."""

_URL: Final = re.compile(r"https?://[!-~]{1,2040}")


class Payload:
    """An object of the body, and where it stands.

    What is missing is read as empty; what has another type than documented is `Malformed`.

    Args:
        value: parsed JSON.
        path: JSON pointer to it.
    """

    __slots__ = ("_value", "path")

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{path or 'body'}: expected an object, came {_kind(value)}")
        self._value: dict[str, Any] = value
        self.path = path

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._value)

    def at(self, *names: str) -> Payload:
        """Return the object inside; an empty one where there is none."""
        payload = self
        for name in names:
            value = payload._value.get(name)
            payload = Payload({} if value is None else value, f"{payload.path}/{name}")
        return payload

    def items(self, name: str) -> Iterator[Payload]:
        """Go through a list of objects; none where it is missing."""
        value = self._value.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            raise Malformed(f"{self.path}/{name}: expected a list, came {_kind(value)}")
        for number, item in enumerate(value[:MOST_ITEMS]):
            yield Payload(item, f"{self.path}/{name}/{number}")

    def word(self, name: str) -> str:
        """Return a text as it is; "" where it is missing."""
        value = self._value.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Malformed(f"{self.path}/{name}: expected text, came {_kind(value)}")
        return value

    def flag(self, name: str) -> bool:
        """Return whether something is so; `False` where it is missing."""
        value = self._value.get(name)
        if not isinstance(value, bool | None):
            raise Malformed(f"{self.path}/{name}: expected true or false, came {_kind(value)}")
        return bool(value)

    def count(self, name: str) -> int | None:
        """Return a number that counts something."""
        value = self._value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
            raise Malformed(f"{self.path}/{name}: expected a count, came {_kind(value)}")
        return value

    def seconds(self, name: str) -> float | None:
        """Return a duration."""
        value = self._value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
            raise Malformed(f"{self.path}/{name}: expected seconds, came {_kind(value)}")
        return float(value)

    def name(self, name: str) -> str | None:
        """Return a text or a number as a name for a message."""
        value = self._value.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            return str(value)
        return one_line(self.word(name), NAME_MAX) or None

    def needed(self, name: str) -> str:
        """Return a name without which the body makes no sense."""
        found = self.name(name)
        if found is None:
            raise Malformed(f"{self.path}/{name}: is missing")
        return found

    def line(self, name: str) -> str | None:
        """Return the first line of a text."""
        return one_line(self.word(name).lstrip()[:TEXT_MAX].partition("\n")[0], LINE_MAX) or None

    def text(self, name: str) -> str | None:
        """Return a text of several lines."""
        return some_text(self.word(name)) or None

    def url(self, *names: str) -> str | None:
        """Return the first of these that a page may link to."""
        return next((url for url in map(self.word, names) if _URL.fullmatch(url)), None)

    def person(self, *names: str, login: str = "login") -> Person:
        """Return who stands there: an account of the forge, or the author of a commit."""
        at = self.at(*names)
        return Person(at.word(login), at.word("email"), at.name("id") or "")


def duration(payload: Payload, began: str, ended: str) -> float | None:
    """Return the seconds between two times that stand there; `None` when that makes no sense."""
    try:
        first, last = (datetime.fromisoformat(payload.word(name)).timestamp() for name in (began, ended))
    except (ValueError, OverflowError):
        return None
    return last - first if last >= first else None


def branch_of(ref: str) -> str | None:
    """Return the branch that a reference of Git names; `None` for a tag, or anything else."""
    return one_line(ref.removeprefix("refs/heads/"), NAME_MAX) or None if ref.startswith("refs/heads/") else None


def is_nothing(revision: str) -> bool:
    """Tell whether a revision is the one of zeros, which stands for no revision."""
    return not revision.strip("0")


def _kind(value: object) -> str:
    return {type(None): "null", bool: "a boolean", str: "text", list: "a list", dict: "an object"}.get(
        type(value), "a number"
    )
