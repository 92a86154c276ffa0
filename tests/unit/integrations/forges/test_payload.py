"""Reading a forge's JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.forges.delivery import Malformed, Person
from integrations.forges.payload import MOST_ITEMS, Payload, branch_of, duration, is_nothing


def test_what_is_missing_is_empty() -> None:
    """Also what is null."""
    for payload in (Payload({}), Payload({"a": None})):
        assert not payload.at("a", "b")
        assert list(payload.items("a")) == []
        assert payload.word("a") == ""
        assert payload.person("a") == Person()
        assert payload.flag("a") is False
        for read in (payload.name, payload.line, payload.text, payload.url, payload.count):
            assert read("a") is None


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda p: p.at("a", "b"), "/a/b: expected an object, came text"),
        (lambda p: list(p.items("a")), "/a: expected a list, came an object"),
        (lambda p: list(p.items("l")), "/l/1: expected an object, came a number"),
        (lambda p: p.word("n"), "/n: expected text, came a number"),
        (lambda p: p.name("a"), "/a: expected text, came an object"),
        (lambda p: p.flag("n"), "/n: expected true or false, came a number"),
        (lambda p: p.count("f"), "/f: expected a count, came a boolean"),
        (lambda p: p.count("m"), "/m: expected a count, came a number"),
        (lambda p: p.seconds("m"), "/m: expected seconds, came a number"),
        (lambda p: p.at("a").needed("c"), "/a/c: is missing"),
        (lambda p: p.needed("e"), "/e: is missing"),
    ],
)
def test_what_is_wrong_is_named(read: Callable[[Payload], Any], message: str) -> None:
    """By its place, with what came."""
    payload = Payload({"a": {"b": "x"}, "l": [{}, 1], "n": 1, "f": True, "m": -1, "e": " \x00 "})
    with pytest.raises(Malformed) as error:
        read(payload)
    assert str(error.value) == message


@pytest.mark.parametrize("value", [None, [], "x", 5, True])
def test_a_body_is_an_object(value: object) -> None:
    """Nothing else."""
    with pytest.raises(Malformed, match="body: expected an object"):
        Payload(value)


def test_texts_are_fit_for_messages() -> None:
    """Visible, bounded; addresses only of the web."""
    payload = Payload(
        {
            "name": "a\u202eb\n",
            "number": 42,
            "long": "x" * 100_000,
            "text": "one\ntwo\ud800\n",
            "evil": "javascript:alert(1)",
            "good": "https://forge.example/x",
            "endless": "https://forge.example/" + "x" * 3000,
        }
    )
    assert payload.name("name") == "a b"
    assert payload.name("number") == "42"
    assert (len(payload.name("long") or ""), len(payload.line("long") or "")) == (256, 1000)
    assert len(payload.text("long") or "") == 20_000
    assert (payload.line("text"), payload.text("text")) == ("one", "one\ntwo\ufffd")
    assert payload.url("evil", "endless", "good") == "https://forge.example/x"
    assert payload.url("evil") is None


def test_lists_are_bounded() -> None:
    """However many there are."""
    assert len(list(Payload({"l": [{}] * (MOST_ITEMS + 5)}).items("l"))) == MOST_ITEMS


def test_times_and_durations() -> None:
    """What makes no sense is none."""
    payload = Payload({"a": "2026-11-21T10:15:00Z", "b": "2026-11-21T11:15:30+01:00", "c": "soon", "d": 63})
    assert duration(payload, "a", "b") == 30.0
    assert duration(payload, "b", "a") is None
    assert duration(payload, "a", "c") is None
    assert payload.seconds("d") == 63.0


def test_references() -> None:
    """Only branches are branches; a revision of zeros is none."""
    assert branch_of("refs/heads/feature/größe") == "feature/größe"
    assert branch_of("refs/tags/v1") is None
    assert branch_of("refs/heads/") is None
    assert is_nothing("0" * 40)
    assert not is_nothing("0" * 39 + "1")
