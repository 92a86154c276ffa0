"""Stage 4: what kind of document it is."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import DocumentType, Text
from integrations.rag_trainer.stages.type_detection import TypeDetection

_FOLDER = Path(__file__).parents[4] / "data" / "recognition" / "types"


def _run(text: str, name: str = "x.txt") -> DocumentType:
    draft = Draft(Source(Path(name), name))
    draft.put(Text(log="", text=text, language="und"))
    return TypeDetection().run(draft)


def _half(name: str) -> list[tuple[str, str | None, DocumentType]]:
    """One half of the labelled set: label, designation, what was found."""
    found = []
    for part in (_FOLDER / f"{name}.txt").read_text("utf-8").split("=== ")[1:]:
        head, text = part.split("\n", 1)
        label, file, designation = (field.strip() for field in head.split("|"))
        found.append((label, designation or None, _run(text, file)))
    return found


@pytest.mark.parametrize(("half", "documents", "subtypes"), [("tuned", 36, 36), ("held_out", 37, 35)])
def test_the_labelled_set(half: str, documents: int, subtypes: int) -> None:
    """All types right on both halves, and 35 of 37 subtypes on the one that no rule was changed for.

    The two: a plain `Смета` isn't told to be local, and an object estimate that lists local ones is taken for one.
    """
    found = _half(half)
    confusion = Counter((label.partition("/")[0], one.type) for label, _, one in found)
    print(*(f"{told} -> {got}: {count}" for (told, got), count in sorted(confusion.items())), sep="\n")  # noqa: T201
    right = [one for label, _, one in found if label.partition("/")[2] in ("", one.subtype)]
    assert len(found) == documents
    assert {told: got for told, got in confusion if told != got} == {}
    assert len(right) >= subtypes
    assert [one.designation for _, _, one in found] == [designation for _, designation, _ in found]


def test_the_log_says_what_spoke_for_it() -> None:
    """Type, designation, confidence and reasons are of this text."""
    found = _run("СВОД ПРАВИЛ\nСП 48.13330.2019\nОРГАНИЗАЦИЯ СТРОИТЕЛЬСТВА\n")
    assert found.log == (
        "norms/sp, СП 48.13330.2019, confidence 0.99: "
        '"свод правил" begins line 1; СП 48.13330.2019 stands alone on a line of the title'
    )


def test_a_text_that_cites_norms_is_no_norm() -> None:
    """Designations inside sentences don't count, however many there are."""
    found = _run("Памятка\n" + "Смотрите ГОСТ 27751-2014, СП 48.13330.2019 и EN 1992-1-1.\n" * 50)
    assert (found.type, found.designation) == ("generic", None)


def test_an_empty_text_is_generic() -> None:
    """It fails elsewhere; here it has no type."""
    assert _run("").type == "generic"


@pytest.mark.parametrize("piece", ["building ", "a b c code ", "ГОСТ ", "1 ", " ", "\n", "aб", "Смета|"])
def test_the_time_is_linear(piece: str) -> None:
    """300,000 hostile characters take less than 5 s of the processor."""
    began = time.process_time()
    _run(piece * (300_000 // len(piece)))
    assert time.process_time() - began < 5.0
