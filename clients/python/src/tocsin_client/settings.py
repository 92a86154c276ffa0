"""Which hub to publish to: as the program says, or as the environment does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin_client.address import Address
from tocsin_client.tokens import Token, token_file


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """A hub, and what lets one in."""

    address: Address
    token: Token


def from_environment(environment: Mapping[str, str] = os.environ) -> Target | None:
    """Read `TOCSIN_URL`, and `TOCSIN_TOKEN` or `TOCSIN_TOKEN_FILE`; `None` when there is no URL.

    Raises:
        ValueError: the URL is none.
    """
    url = environment.get("TOCSIN_URL")
    if not url:
        return None
    path = environment.get("TOCSIN_TOKEN_FILE")
    token: Token = environment.get("TOCSIN_TOKEN") or (token_file(path) if path else None)
    return Target(Address.parse(url), token)
