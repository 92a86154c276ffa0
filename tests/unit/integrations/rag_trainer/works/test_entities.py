"""Named things."""

from __future__ import annotations

import time

from integrations.rag_trainer.works.entities import entities


def test_kinds() -> None:
    """Norms, organisations, machines, roles and materials, in both languages, at their places."""
    text = (
        "По ГОСТ Р 52085-2003 и СП 70.13330.2012 ООО «Север» ведёт бетон класса B25 краном; прораб. "
        "ISO 9001:2015: Acme Construction Ltd sends a tower crane and a foreman; gravel."
    )
    found = entities(text, 100)
    assert [(each.kind, each.text) for each in found] == [
        ("norm", "ГОСТ Р 52085-2003"),
        ("norm", "СП 70.13330.2012"),
        ("organisation", "ООО «Север»"),
        ("material", "бетон класса B25"),
        ("machine", "краном"),
        ("role", "прораб"),
        ("norm", "ISO 9001:2015"),
        ("organisation", "Acme Construction Ltd"),
        ("machine", "tower crane"),
        ("role", "foreman"),
        ("material", "gravel"),
    ]
    assert all(text[each.start : each.end] == each.text for each in found)


def test_bounds() -> None:
    """Not more than asked for, and in time that is linear."""
    assert len(entities("песок " * 50, 7)) == 7
    for text in ("A" * 300_000, "Ab " * 100_000, "ООО «" * 60_000, "ГОСТ 1" * 50_000):
        before = time.process_time()
        entities(text, 10**6)
        assert time.process_time() - before < 8
