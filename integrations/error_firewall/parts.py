"""What the firewall's parts share."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from channels import Clock
from integrations.error_firewall.announcing import Announcer
from integrations.error_firewall.books import Books
from integrations.error_firewall.environment import Environment
from integrations.error_firewall.following import Following
from integrations.error_firewall.knowledge import Knowledge
from integrations.error_firewall.options import Options
from integrations.error_firewall.tally import Tally


def random_id() -> str:
    """Return an id that nobody has yet: 64 random bits."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts, by name. `ids` makes the random part of a check's id."""

    options: Options
    clock: Clock
    knowledge: Knowledge
    environment: Environment
    announcer: Announcer
    books: Books
    following: Following
    tally: Tally
    ids: Callable[[], str] = random_id
