"""Designations of norms."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.designations import designations
from integrations.rag_trainer.recognition.folding import fold


@pytest.mark.parametrize(
    ("text", "family", "name"),
    [
        ("ГОСТ Р 51321.1-2007", "gost", "ГОСТ Р 51321.1-2007"),
        ("ГOCT\u00a010180-\n2012", "gost", "ГОСТ 10180-2012"),
        ("Г0СТ 530 — 2012", "gost", "ГОСТ 530-2012"),
        ("ГОСТ Р МЭК 60364-5-52-2009", "gost", "ГОСТ Р МЭК 60364-5-52-2009"),
        ("ГОСТ 12.1.004-91*", "gost", "ГОСТ 12.1.004-91*"),
        ("CП 48.13330.2019", "sp", "СП 48.13330.2019"),
        ("СП 63.13330", "sp", "СП 63.13330"),
        ("СП 12-135-2003", "sp", "СП 12-135-2003"),
        ("СНиП 3.03.01-87", "snip", "СНиП 3.03.01-87"),
        ("СНиП II-23-81*", "snip", "СНиП II-23-81*"),
        ("ВСН 53-86(р)", "vsn", "ВСН 53-86(р)"),
        ("СанПиН 1.2.3685-21", "sanpin", "СанПиН 1.2.3685-21"),
        ("№ 384-ФЗ", "law", "384-ФЗ"),
        ("ISO/IEC 27001:2022", "iso", "ISO/IEC 27001:2022"),
        ("ASTM C150/C150M-21", "astm", "ASTM C150/C150M-21"),
        ("BS EN 206:2013", "en", "BS EN 206:2013"),
        ("EN 1992-1-1", "en", "EN 1992-1-1"),
        ("ACI 318-19", "aci", "ACI 318-19"),
    ],
)
def test_a_designation_is_found_whole(text: str, family: str, name: str) -> None:
    """With its variants of spelling brought to one, wherever it stands in a sentence."""
    before = "по "
    (found,) = designations(fold(f"{before}{text}, и"))
    assert (found.family, found.name) == (family, name)
    assert (found.start, found.end) == (len(before), len(before) + len(text))


@pytest.mark.parametrize("text", ["СП 5 человек", "ГОСТ", "СП 85 %", "ISO 5", "ОСП 48.13330.2019", "EN", "5-ФЗО"])
def test_what_lacks_its_number_is_none(text: str) -> None:
    """Initials, shares and words that contain a family's letters."""
    assert list(designations(fold(text))) == []
