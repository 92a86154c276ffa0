"""What a forge delivered, and how a delivery is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from channels.messages import Message


class Unsigned(Exception):
    """The request bears no signature; nothing of it was read."""


class Forged(Exception):
    """The signature is wrong or too old; nothing of the body was read."""


class Malformed(ValueError):
    """The body is signed, and not what the forge documents. The text begins with the wrong part's JSON pointer."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as far as the forge tells. What it doesn't tell is empty.

    Attributes:
        login: account's name on the forge.
        email: address; that of a commit is whatever its author wrote there.
        number: account's number on the forge, as text.
    """

    login: str = ""
    email: str = ""
    number: str = ""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.login or self.email or self.number)

    def is_same_as(self, other: Person) -> bool:
        """Tell whether both are one for sure."""
        return any(
            mine and mine == theirs
            for mine, theirs in (
                (self.login.lower(), other.login.lower()),
                (self.email.lower(), other.email.lower()),
                (self.number, other.number),
            )
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One message, and for whom it is.

    Attributes:
        by: who did it, and is not told, under whatever other name they may be among the recipients.
    """

    recipients: tuple[Person, ...]
    message: Message
    by: Person | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request says.

    Attributes:
        id: the same when the forge delivers it again.
        event: the kind, as the forge names it.
        repository: as the forge names it, such as `owner/name`; "" when it is about none.
        events: messages; none when it is of a kind that isn't told.
        pushed: revision that a branch is at now, if this was a push.
    """

    id: str
    event: str
    repository: str = ""
    events: tuple[Event, ...] = field(default=())
    pushed: str = ""


def people(persons: Iterable[Person], *, but: Person | None = None) -> tuple[Person, ...]:
    """Return those of whom anything is known, each once, without `but`."""
    found: list[Person] = []
    for person in persons:
        if not person or (but is not None and person.is_same_as(but)):
            continue
        if not any(person.is_same_as(known) for known in found):
            found.append(person)
    return tuple(found)
