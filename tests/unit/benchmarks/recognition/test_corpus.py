"""The labelled texts are what they should be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.recognition import corpus
from benchmarks.recognition.corpus import LabelledType, WrongLabel, damaged, outlines, types, values, works
from integrations.rag_trainer.recognition.clues import TYPES


def test_there_are_enough_texts_of_each_kind() -> None:
    """All types, five documents or more of each; both languages; texts in which nothing is to be found."""
    labels = Counter(one.label for one in types())
    assert set(labels) == {*TYPES, "generic"}
    assert labels.total() >= 60
    assert min(labels.values()) >= 5
    assert len(values()) >= 30
    assert sum(1 for one in values() if not one.golden) >= 6
    assert {one.name[:2] for one in [*values(), *outlines()]} == {"ru", "en"}
    assert sum(1 for one in works() if not one.works) >= 5


def test_golden_works_stand_in_their_texts() -> None:
    """A label that doesn't is a slip of the pen."""
    assert [work for one in works() for work in one.works if work not in one.text] == []


def test_a_damaged_document_has_lost_its_begin() -> None:
    """Whole, then without one, two and three lines; what is empty is left out."""
    texts = [one.text for one in damaged([LabelledType("act", "act.txt", "a\nb\nc")])]
    assert texts == ["a\nb\nc", "b\nc", "c"]


@pytest.mark.parametrize(
    ("name", "content"), [("types.txt", "=== norms\ntext\n"), ("metadata.txt", "=== name\ntext\n")]
)
def test_a_wrong_file_is_named(name: str, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place."""
    (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    with pytest.raises(WrongLabel, match=name):
        (types if name == "types.txt" else values)()
