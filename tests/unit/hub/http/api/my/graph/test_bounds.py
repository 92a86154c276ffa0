"""How deep a query may go, and how many aliases it may have."""

from __future__ import annotations

import pytest
from graphql import build_schema, parse, validate

from hub.http.api.my.graph.bounds import ALIASES, DEPTH, Bounds

SCHEMA = build_schema("type Query { a: Query b(n: Int): Int }")


def complaints(query: str) -> list[str]:
    return [error.message for error in validate(SCHEMA, parse(query), [Bounds])]


def nested(depth: int) -> str:
    return "{ a " * (depth - 1) + "{ b }" + " }" * (depth - 1)


def test_depth() -> None:
    """Fields within fields, through fragments too; questions about the schema aren't counted."""
    assert complaints(nested(DEPTH)) == []
    (deep,) = complaints(nested(DEPTH + 1))
    assert deep == f"a query may be {DEPTH} fields deep, this one is {DEPTH + 1}"
    assert complaints(f"query {{ a {{ ...F ... on Query {{ b }} }} }} fragment F on Query {nested(DEPTH - 1)}") == []
    assert len(complaints(f"query {{ a {{ ...F }} }} fragment F on Query {nested(DEPTH)}")) == 1
    assert complaints("{ __schema " + nested(DEPTH + 5) + " }") == []


@pytest.mark.parametrize("more", [0, 1])
def test_aliases(more: int) -> None:
    """Each use of a fragment has its aliases."""
    fields = " ".join(f"x{number}: b(n: {number})" for number in range(ALIASES // 2))
    extra = "y: b" if more else ""
    query = f"query {{ ...F a {{ ...F }} {extra} }} fragment F on Query {{ {fields} }}"
    assert len(complaints(query)) == more


def test_one_operation() -> None:
    """A query or a mutation; fragments are none."""
    assert complaints("query A { b } query B { b }") == ["expected one operation, got 2"]


def test_fragments_that_use_each_other_take_no_time() -> None:
    """Each is measured once, also where that would be 2**60 uses; what uses itself is left to another rule."""
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    query = " ".join(["query { ...F0 }", *fragments, "fragment F60 on Query { x: b }"])
    assert complaints(query) == [f"a query may have {ALIASES} aliases, this one has {2**60}"]
    assert complaints("query { ...F } fragment F on Query { a { ...F } b }") == []
