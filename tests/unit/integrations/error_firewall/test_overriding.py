"""Letting a blocked operation run."""

from __future__ import annotations

import pytest

from integrations.error_firewall.overriding import LONGEST, Override, OverrideRefused, nobody, visible


def anybody(actor: str, operation: str) -> bool:
    return True


def test_by_default_nobody_may() -> None:
    """The permission is given by who runs the firewall."""
    with pytest.raises(OverrideRefused, match="alice may not override a block of ios_build; ask who runs the firewall"):
        Override("reason", "alice").require(nobody, "ios_build")


@pytest.mark.parametrize(("reason", "actor"), [("", "alice"), (" \n", "alice"), ("reason", ""), ("reason", "\u202e")])
def test_it_takes_a_reason_and_a_name(reason: str, actor: str) -> None:
    """Both go into the books."""
    with pytest.raises(OverrideRefused, match="expected who overrides and a reason"):
        Override(reason, actor).require(anybody, "x")


def test_what_is_kept_is_bounded_and_without_secrets() -> None:
    """It is shown to everyone on the channel."""
    granted = Override("token=hunter2 " + "x" * 10_000, " alice\n").require(anybody, "x")
    assert granted.actor == "alice"
    assert granted.reason.startswith("[secret] xxx")
    assert len(granted.reason) == LONGEST


def test_the_permission_is_asked_by_name_and_operation() -> None:
    """As they are known elsewhere."""
    asked: list[tuple[str, str]] = []

    def may(actor: str, operation: str) -> bool:
        asked.append((actor, operation))
        return True

    Override("reason", "alice ").require(may, "ios_build")
    assert asked == [("alice", "ios_build")]


def test_names_are_one_visible_line() -> None:
    """Whatever came."""
    assert visible(" al\nice\u202e\ud800 ") == "al ice ?"
    assert len(visible("x" * 1_000)) == 200
