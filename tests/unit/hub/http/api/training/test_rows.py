"""Training over HTTP: the handlers. The whole of it: tests/integration/test_training.py."""

from __future__ import annotations

import pytest

from channels.errors import ReplyError
from hub.http.api.endpoint import Who
from hub.http.api.training.rows import ROWS, list_trainings
from tests.unit.hub.http.api.calls import call, put_together


async def test_a_hub_that_does_not_train_says_so() -> None:
    """With the option that turns it on."""
    with pytest.raises(ReplyError, match=r"rag_trainer\.enabled"):
        await list_trainings(put_together(), call())


def test_the_paths_are_those_of_the_earlier_api() -> None:
    """And all are for operators."""
    assert {row.path for row in ROWS} == {"/train", "/train/{training}", "/query"}
    assert {row.who for row in ROWS} == {Who.OPERATOR}
