"""Words of texts and questions."""

from __future__ import annotations

import time

import pytest

from integrations.rag_trainer.terms import significant, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("кирпичной кладки", "кирпичная кладку"),
        ("Уплотнённый", "уплотненного"),
        ("бетон В25", "бетона B25"),
        ("ГOCT", "ГОСТ"),
        ("0,5 МПа", "0.5 мпа"),
        ("inspections", "Inspected"),
        ("погрузочно–разгрузочные", "погрузочно-разгрузочных"),
    ],
)
def test_what_means_the_same_gives_the_same_terms(one: str, other: str) -> None:
    """Inflection, ё, look-alike letters of two alphabets, decimal signs and dashes make no difference."""
    assert terms(one) == terms(other)


def test_a_designation_is_found_by_its_begin() -> None:
    """People leave out the year, and the ministry's number."""
    given = terms("СП 48.13330.2019")
    assert given == ["сп", "48.13330.2019", "48.13330", "48"]
    assert set(terms("48.13330")) < set(given)
    assert terms("ГОСТ 97473-2021") == ["гост", "97473-2021", "97473"]
    assert terms("№ 118-СМР") == ["118-смр", "118", "смр"]


def test_a_clause_stays_whole() -> None:
    """Clause 5.2.1 isn't found by 5 or 5.2: nearly every document has those."""
    assert terms("п. 5.2.1") == ["п", "5.2.1"]


def test_terms_are_bounded() -> None:
    """A line without blanks gives a few terms of at most 64 characters."""
    for word in ("a" * 10_000, "a1" * 10_000, "1." * 10_000, "ab-" * 10_000):
        given = terms(word)
        assert len(given) <= 9
        assert max(map(len, given)) <= 64


@pytest.mark.parametrize("text", ["1." * 500_000, "a-" * 500_000, "1," * 500_000, "." * 1_000_000, "ё1-" * 300_000])
def test_time_is_linear_in_the_text(text: str) -> None:
    """A million hostile characters take under 2 seconds of the processor (a few tenths are usual)."""
    began = time.process_time()
    terms(text)
    assert time.process_time() - began < 2.0


def test_words_that_tell_nothing_are_left_out_beside_others() -> None:
    """In both languages, and in any form; a grade or a number that looks like one stays."""
    assert significant(terms("Какой должна быть толщина швов при кладке?")) == terms("должна толщина швов кладке")
    assert significant(terms("How thick are the joints?")) == ["thick", "joint"]
    assert significant(terms("бетон В25 и 0,5 в п. 5.2")) == ["бетон", "b25", "0.5", "п", "5.2"]
    assert significant(terms("to be or not to be")) == terms("to be or not to be")
    assert significant([]) == []
