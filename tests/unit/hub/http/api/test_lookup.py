"""What was asked for by its id, in all processes of a hub."""

from __future__ import annotations

import pytest

from channels.errors import ErrorCode, ReplyError
from hub.http.api.lookup import found
from hub.peers import Answers


def test_what_is_there_is_returned() -> None:
    """Also when it is empty or false."""
    for answer in ({"id": "t-1"}, {}, False):
        assert found(answer, "training", "t-1", Answers({}, missing=("n-2",), partial=True)) is answer


def test_what_nobody_knows() -> None:
    """Isn't there when all answered; when they didn't, that can't be known."""
    with pytest.raises(ReplyError, match=r"^no training has the id t{64}$") as caught:
        found(None, "training", "t" * 1000, Answers({}))
    assert caught.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(ReplyError, match="these did not: n-2") as caught:
        found(None, "training", "t-1", Answers({}, missing=("n-2",), partial=True))
    assert caught.value.code is ErrorCode.UNAVAILABLE
