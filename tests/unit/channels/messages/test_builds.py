"""Pushes, builds and reviews. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

import pytest

from channels.messages import InvalidMessage, parse_message
from tests.message_examples.builds import EXAMPLES


def test_a_push_says_where_the_branch_is_now() -> None:
    """What it was before, and how many commits came, may be unknown."""
    least = {name: EXAMPLES["code_push"][name] for name in ("repository", "branch", "commit", "author")}
    assert parse_message("code_push", least).model_dump(exclude_none=True) == least


@pytest.mark.parametrize("action", ["requested", "commented", "approved", "changes_requested", "merged", "closed"])
def test_reviews_have_six_actions(action: str) -> None:
    """And no other."""
    assert parse_message("code_review", {**EXAMPLES["code_review"], "action": action}).model_dump()["action"] == action
    with pytest.raises(InvalidMessage, match="/action"):
        parse_message("code_review", {**EXAMPLES["code_review"], "action": action.upper()})
