"""The options of the error firewall."""

from __future__ import annotations

from typing import Any

import pytest

from hub.settings import SettingsError
from tests.live import settings_for


def test_it_is_off() -> None:
    """Nothing starts and no database is needed unless somebody asks for it."""
    options = settings_for().error_firewall
    assert (options.enabled, options.dry_run, options.fail_mode, options.overriders) == (False, False, "open", ())


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("fail_mode", "ajar"),
        ("similarity_threshold", 0),
        ("similarity_threshold", 1.5),
        ("entries", 0),
        ("compared", -1),
        ("expiry", -1),
        ("quiet_below", 2),
        ("waiting", 0),
        ("overriders", ["not a name"]),
        ("database_schema", "public; DROP TABLE users"),
        ("database_schema", "a" * 49),
        ("database_timeout", 0),
    ],
)
def test_what_makes_no_sense_is_refused(option: str, wrong: Any) -> None:
    """With the option's name."""
    with pytest.raises(SettingsError, match=rf"error_firewall\.{option}"):
        settings_for(**{f"error_firewall__{option}": wrong})
