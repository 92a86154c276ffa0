"""Entries as rows."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.error_firewall.model import Entry, Evidence, Predicate, PredicateKind, Record, Rule, Solution, Status
from integrations.error_firewall.postgres.rows import COLUMNS, entry_of, row_of
from tests.contract.firewall_worlds import record, rule


def back(entry: Record | Rule) -> Any:
    """Through a row, as the database gives it back."""
    return entry_of(dict(zip(COLUMNS, row_of(entry), strict=True)) | {"version": entry.version})


def test_a_record_goes_there_and_back() -> None:
    """With nothing but its id, and with everything. (The contract of stores has more.)"""
    for given in (record(), record(status=Status.RETIRED, solution=Solution("x"), evidence=Evidence(1, 2, 3, 4, 5))):
        assert back(given) == given


def test_a_rule_goes_there_and_back() -> None:
    """Its predicates in their order."""
    predicates = tuple(Predicate(kind, f"params.{n}", n) for n, kind in enumerate(PredicateKind))
    given = rule(predicates=predicates, record_ids=("a",), title="t", reason="because")
    assert back(given) == given


def test_what_is_neither_is_refused() -> None:
    """The base alone is no entry."""
    with pytest.raises(TypeError, match="expected a Record or a Rule, got Entry"):
        row_of(Entry(id="x", operation="o", error_type="e"))
