"""Stage 10."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Item, Text
from integrations.rag_trainer.stage import StageFailed
from integrations.rag_trainer.stages.processing import TypeProcessing
from tests.rag_works import marked


class Letters:
    """A handler from outside: letters are a type that the core doesn't know."""

    name = "letters"
    types = ("letter",)

    def __init__(self, shift: int = 0, error: Exception | None = None) -> None:
        self._shift, self._error = shift, error

    def items(self, draft: Draft) -> Sequence[Item]:
        if self._error is not None:
            raise self._error
        start = draft[Text].text.index("Dear") + self._shift
        return [Item(kind="salutation", text="Dear", start=start, end=start + 4)] * 3


def test_a_new_type_needs_only_a_handler() -> None:
    """It is handed in; nothing of the core is touched."""
    draft = marked("Dear Sir", type="letter")
    assert TypeProcessing().run(draft).handler == "generic"
    made = TypeProcessing([Letters()]).run(draft)
    assert (made.handler, made.log) == ("letters", "letters: 3 salutation")
    assert len(TypeProcessing([Letters()], limit=1).run(draft).items) == 1


def test_a_handler_may_take_the_place_of_ours() -> None:
    """The last one for a type counts."""

    class Norms(Letters):
        types = ("norms",)

    assert TypeProcessing([Norms()]).run(marked("Dear", type="norms")).handler == "letters"


@pytest.mark.parametrize("handler", [Letters(shift=1), Letters(error=KeyError("x"))], ids=["wrong place", "raises"])
def test_a_faulty_handler_is_named(handler: Letters) -> None:
    """Spans that aren't exact, and errors, fail this file and say whose fault it is."""
    with pytest.raises(StageFailed, match="handler letters") as caught:
        TypeProcessing([handler]).run(marked("Dear Sir", type="letter"))
    assert caught.value.reason == "handler_failed"


@pytest.mark.parametrize("type", ["norms", "estimate", "work_project"])
def test_the_types_that_come_along(type: str) -> None:
    """Each has its own handler."""
    assert TypeProcessing().run(marked("Монтаж ферм следует вести краном.", type=type)).handler == type
