"""Collecting the evidence for a kind of document."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.kinds import Kind, kind_of
from integrations.rag_trainer.results import Text


def _kind(text: str, name: str = "x.txt") -> Kind:
    return kind_of(Text(log="", text=text, language="und"), name)


def test_the_file_name_counts() -> None:
    """A text that says little is told by its name; the designation has to stand in the text."""
    assert _kind("Раздел 1\nТекст", "смета на ремонт.xlsx").verdict.type == "generic"
    assert _kind("Всего по смете 10\nНакладные расходы 2", "in/Смета_1.xlsx").verdict.type == "estimate"
    assert _kind("Текст", "ГОСТ 27751-2014.txt").designation is None


@pytest.mark.parametrize(
    "line", ["По СП 48.13330.2019", "О применении СП 48.13330.2019", "Протокол по СП 48.13330.2019"]
)
def test_a_designation_within_a_title_is_not_its_own(line: str) -> None:
    """It has to begin the line."""
    assert _kind(f"{line}\nтекст").designation is None


def test_a_list_of_norms_counts_little() -> None:
    """A report that begins with the norms it used stays a report."""
    kind = _kind("Отчет об обследовании\nСП 22.13330.2016\nГОСТ 31937-2011\nГОСТ 22690-2015\nВыводы\n")
    assert (kind.verdict.type, kind.designation) == ("report", None)


def test_words_are_read_in_spite_of_scanning() -> None:
    """Zeros for О and threes for З inside words."""
    assert any("область применения" in reason for reason in _kind("СВОД ПРАВИЛ\n1 0бласть применения").verdict.reasons)
