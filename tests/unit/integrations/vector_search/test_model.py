"""Points, hits and the names that every store accepts."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.vector_search.model import Question, checked_collection, checked_id, wanted_values


@pytest.mark.parametrize("id", [0, 2**63 - 1, "0b6a3f52-7a0e-4d3c-9c53-2a6a4f6d9c11"])
def test_ids_that_every_store_keeps(id: int | str) -> None:
    """Numbers that PostgreSQL and Qdrant can hold, and UUIDs."""
    assert checked_id(id) == id


def test_a_uuid_has_one_spelling() -> None:
    """Otherwise one point would be two."""
    assert checked_id("0B6A3F527A0E4D3C9C532A6A4F6D9C11") == "0b6a3f52-7a0e-4d3c-9c53-2a6a4f6d9c11"


@pytest.mark.parametrize("id", [-1, 2**63, "7", "", "name", True, 1.5, None], ids=repr)
def test_other_ids_are_refused(id: Any) -> None:
    """Text that is no UUID would be a number in one store and an error in the other."""
    with pytest.raises(ValueError, match="expected a"):
        checked_id(id)


@pytest.mark.parametrize("fields", [{"top_k": 0}, {"top_k": -3}, {"top_k": 1, "ef_search": 0}], ids=str)
def test_a_question_asks_for_something(fields: dict[str, Any]) -> None:
    """No store is asked for nothing."""
    with pytest.raises(ValueError, match="at least 1"):
        Question([1.0], **fields)


def test_a_filter_names_fields_and_values() -> None:
    """One value is a list of one."""
    assert wanted_values({"a": "x", "b": [1, 2], "c": True}) == [("a", ["x"]), ("b", [1, 2]), ("c", [True])]


@pytest.mark.parametrize("filter", [{"a.b": 1}, {"": 1}, {"a": 1.5}, {"a": [None]}, {"a": []}, {"a'": "x"}], ids=str)
def test_filters_that_mean_different_things_are_refused(filter: Any) -> None:
    """A dot is a path to one store and a letter to the other; fractions can't be matched."""
    with pytest.raises(ValueError, match="expected"):
        wanted_values(filter)


def test_an_error_shows_only_the_beginning_of_a_wrong_name() -> None:
    """It may be anything."""
    with pytest.raises(ValueError, match="got") as caught:
        checked_collection("x" * 10_000)
    assert len(str(caught.value)) < 200
