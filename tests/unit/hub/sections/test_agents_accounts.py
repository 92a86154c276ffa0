"""The options of accounts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.sections.agents_accounts import AccountsSection


def test_the_defaults() -> None:
    """30 minutes and 7 days; no second use of a token; hashes as RFC 9106 has them."""
    options = AccountsSection()
    assert (options.access_lifetime, options.refresh_lifetime, options.refresh_grace) == (1_800, 604_800, 0)
    assert (options.argon2_memory, options.argon2_passes, options.argon2_lanes) == (65_536, 3, 4)
    assert options.registration == "auto"


@pytest.mark.parametrize(
    "wrong",
    [{"registration": "maybe"}, {"refresh_grace": 61}, {"access_lifetime": 0}, {"attempts": 0}, {"hashing_at_once": 0}],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    """Nothing that would let everybody in, or nobody."""
    with pytest.raises(ValidationError):
        AccountsSection(**wrong)
