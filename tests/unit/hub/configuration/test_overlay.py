"""Laying values over a tree, and taking them out."""

from __future__ import annotations

from typing import Any

import pytest

from hub.configuration.overlay import prune, put


@pytest.mark.parametrize(
    ("tree", "path", "result"),
    [
        ({}, "server.port", {"server": {"port": 1}}),
        ({"server": {"host": "a"}}, "server.port", {"server": {"host": "a", "port": 1}}),
        ({"server": None}, "server.port", {"server": {"port": 1}}),
        ({"server": {"port": 2}}, "server.port", {"server": {"port": 1}}),
        ({}, "auth.keys.0.id", {"auth": {"keys": [{"id": 1}]}}),
        ({"auth": {"keys": [{"id": 2}]}}, "auth.keys.0.secret", {"auth": {"keys": [{"id": 2, "secret": 1}]}}),
        ({"auth": {"keys": [{"id": 2}]}}, "auth.keys.1.id", {"auth": {"keys": [{"id": 2}, {"id": 1}]}}),
        ({"auth": {"keys": [{"id": 2}]}}, "auth.keys.0", {"auth": {"keys": [1]}}),
        ({"auth": {"keys": [{"id": 2}]}}, "auth.keys", {"auth": {"keys": 1}}),
        ({}, "channels.rooms.7.max_rate", {"channels": {"rooms": {"7": {"max_rate": 1}}}}),
    ],
)
def test_put(tree: dict[str, Any], path: str, result: dict[str, Any]) -> None:
    """Sections and list entries come into being on the way; a number is an entry of a list only where there is one."""
    assert put(tree, path.split("."), 1) is None
    assert tree == result


@pytest.mark.parametrize(
    ("tree", "path", "hindrance"),
    [
        ({}, "auth.keys.1.id", "auth.keys has 0 entries, so the next one is auth.keys.0"),
        ({"auth": {"keys": "x"}}, "auth.keys.0.id", "auth.keys is not a section"),
        ({"server": 7}, "server.port", "server is not a section"),
        ({"channels": {"rooms": [1]}}, "channels.rooms.ops.members", "channels.rooms is not a section"),
    ],
)
def test_put_says_what_stands_in_the_way(tree: dict[str, Any], path: str, hindrance: str) -> None:
    """And nothing is overwritten that holds more than the value."""
    assert put(tree, path.split("."), 1) == hindrance


@pytest.mark.parametrize(
    ("path", "result"),
    [
        (["a", "b"], {"a": {"c": 2}, "l": [{"x": 1}], "s": 3}),
        (["a"], {"l": [{"x": 1}], "s": 3}),
        (["l", 0, "x"], {"a": {"b": 1, "c": 2}, "s": 3}),
        (["s", "deep", "er"], {"a": {"b": 1, "c": 2}, "l": [{"x": 1}]}),
        (["a", "gone"], {"a": {"b": 1, "c": 2}, "l": [{"x": 1}], "s": 3}),
        (["gone", "b"], {"a": {"b": 1, "c": 2}, "l": [{"x": 1}], "s": 3}),
    ],
)
def test_prune(path: list[str | int], result: dict[str, Any]) -> None:
    """A list goes as a whole; what is not there stays away."""
    tree: dict[str, Any] = {"a": {"b": 1, "c": 2}, "l": [{"x": 1}], "s": 3}
    prune(tree, path)
    assert tree == result
