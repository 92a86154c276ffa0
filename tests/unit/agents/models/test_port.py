"""What a failure of a model carries."""

from __future__ import annotations

from agents.models.port import ModelFailed


def test_a_failure_says_what_a_person_and_what_a_program_needs() -> None:
    """Its text is for people; code and times are for who decides what comes next."""
    failed = ModelFailed("rate_limited", "wait a little", temporary=True, retry_after=2.0)
    assert (str(failed), failed.code, failed.message) == ("wait a little", "rate_limited", "wait a little")
    assert (failed.temporary, failed.retry_after) == (True, 2.0)
    assert ModelFailed("refused", "no", temporary=False).retry_after is None
