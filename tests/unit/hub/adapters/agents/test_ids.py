"""Ids of what users have. What is none: tests/unit/hub/http/api/my/test_member.py."""

from __future__ import annotations

from uuid import uuid4

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.ids import id_from, missing


def test_an_id_is_read_in_either_case() -> None:
    """As answers write it."""
    id = uuid4()
    assert id_from(str(id), "run") == id_from(str(id).upper(), "run") == id


def test_what_is_no_id_is_told_like_one_that_nobody_has() -> None:
    """Shortened."""
    with pytest.raises(ReplyError) as refused:
        id_from("x" * 300, "run")
    assert str(refused.value) == str(missing("run", "x" * 300)) == f"no run has the id {'x' * 64}"
    assert refused.value.code is ErrorCode.NOT_FOUND
