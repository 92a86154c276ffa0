"""What is too big for one message between processes."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson
import pytest

from hub import parcels as parcels_module
from hub.parcels import OPEN_MAX, PIECE, Parcels, wrap

BIG = Random(1).randbytes(100_000).hex()
HEAD = {"id": 1, "by": "n-1"}


def test_a_small_content_is_one_message() -> None:
    """As it is."""
    assert wrap(HEAD, {"n": [1, None]}) == [{**HEAD, "content": {"n": [1, None]}}]
    assert Parcels().take("k", {**HEAD, "content": None}) == (None,)


@pytest.mark.parametrize("content", ["x" * 1_000_000, BIG, {"é": [BIG, BIG]}, "\U0001f514" * PIECE])
def test_a_big_one_goes_in_pieces(content: Any) -> None:
    """Each fits into a message, and what repeats itself takes few."""
    messages = wrap(HEAD, content)
    assert all(len(orjson.dumps(message)) < 60_000 for message in messages)
    assert all(message["by"] == "n-1" for message in messages)
    parcels = Parcels()
    *first, last = [parcels.take("k", message) for message in messages]
    assert set(first) <= {None}
    assert last == (content,)
    assert len(parcels) == 0


def test_pieces_of_several_may_come_in_any_order() -> None:
    """And twice."""
    messages = wrap(HEAD, BIG)
    assert len(messages) > 2
    parcels = Parcels()
    for message in messages[1:] + messages[1:2]:
        assert parcels.take("a", message) is None
        assert parcels.take("b", message) is None
    assert parcels.take("b", messages[0]) == (BIG,)
    assert parcels.take("a", messages[0]) == (BIG,)


def test_what_stays_incomplete_is_dropped() -> None:
    """When there is too much of it, the oldest first."""
    first, *rest = wrap(HEAD, BIG)
    parcels = Parcels()
    for key in range(OPEN_MAX + 5):
        assert parcels.take(key, first) is None
    assert len(parcels) == OPEN_MAX
    assert [parcels.take(5, message) for message in rest][-1] == (BIG,)


def test_what_is_no_piece_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken, cut short, or more than anything may have."""
    whole = "".join(message["data"] for message in wrap(HEAD, BIG))
    for data in ("AAAA", whole[: 4 * (len(whole) // 8)], "%"):
        with pytest.raises(ValueError, match=r"piece|expected|padding|base64"):
            Parcels().take("k", {"piece": 0, "pieces": 1, "data": data})
    monkeypatch.setattr(parcels_module, "WHOLE_MAX", 1000)
    with pytest.raises(ValueError, match="expected at most 1000 bytes"):
        Parcels().take("k", {"piece": 0, "pieces": 1, "data": whole})
