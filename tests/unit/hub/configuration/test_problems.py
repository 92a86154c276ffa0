"""Problems in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from hub.configuration.catalog import OptionPath
from hub.configuration.problems import in_words, no_such_option
from hub.options import Settings


def words(tree: dict[str, Any], variables: Mapping[OptionPath, str] | None = None) -> list[str]:
    """Return what is wrong with a tree."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(tree)
    return [in_words(error, variables or {}) for error in caught.value.errors(include_url=False)]


@pytest.mark.parametrize(
    ("tree", "line"),
    [
        ({"server": {"prt": 1}}, "server.prt: no such option; did you mean server.port?"),
        ({"nonsense": {"x": 1}}, "nonsense: no such option"),
        ({"server": {"port": 70000}}, "server.port: expected less than or equal to 65535, got 70000"),
        ({"server": {"port": [1]}}, "server.port: expected a valid integer, got a list"),
        ({"server": {"port": {"a": 1}}}, "server.port: expected a valid integer, got a mapping"),
        ({"server": {"port": None}}, "server.port: expected a valid integer, got nothing"),
        ({"server": {"host": 7}}, "server.host: expected a text, got 7"),
        ({"server": {"origins": "https://a"}}, "server.origins: expected a list, got 'https://a'"),
        ({"server": {"origins": ["a"]}}, "server.origins.0: expected scheme://host[:port] without a path, got 'a'"),
        ({"server": [1]}, "server: expected a mapping of options, got a list"),
        ({"channels": {"named": [1]}}, "channels.named: expected a mapping, got a list"),
        ({"auth": {"keys": [{}]}}, "auth.keys.0.id: required"),
        (
            {"log": {"level": "x" * 100}},
            f"log.level: expected 'debug', 'info', 'warning' or 'error', got '{'x' * 59}...",
        ),
        (
            {"channels": {"rooms": {"ops": {"subscribe": "all"}}}},
            "channels.rooms.ops.subscribe: expected 'everyone', 'users', 'members', 'token', 'operators' or 'nobody', "
            "got 'all'",
        ),
        (
            {"channels": {"named": {"user:a": {}}}},
            "channels.named.user:a: a channel's name may not begin with user:, which is a namespace, got 'user:a'",
        ),
    ],
)
def test_what_was_expected_and_what_came(tree: dict[str, Any], line: str) -> None:
    """One line each, beginning with the path."""
    assert words(tree) == [line]


SECRET = "hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    "keys",
    [
        SECRET,
        {"id": "a", "secret": SECRET},
        [SECRET],
        [{"id": "a", "secret": [SECRET]}],
        [{"id": f"{SECRET} {SECRET}"}],
        [{"id": "a", "secert": SECRET}],
        [{"secret": SECRET}],
        [{"id": "a", "secret_file": [SECRET]}],
    ],
)
def test_no_problem_repeats_a_secret(keys: object) -> None:
    """Wherever in the keys it was put by mistake."""
    lines = words({"auth": {"keys": keys}})
    assert lines
    assert all("hunter2" not in line for line in lines)


def test_a_secret_inside_a_section_is_not_repeated_with_it() -> None:
    """Of what is no single value, only its kind is named."""
    assert words({"auth": [{"keys": [SECRET]}], "server": {"port": {"secret": SECRET}}}) == [
        "server.port: expected a valid integer, got a mapping",
        "auth: expected a mapping of options, got a list",
    ]


def test_the_variable_that_set_it_is_named() -> None:
    """Also when it set the section around it."""
    variables: dict[OptionPath, str] = {
        ("server", "port"): "TOCSIN_SERVER__PORT",
        ("auth", "keys"): "TOCSIN_AUTH__KEYS",
    }
    assert words({"server": {"port": 70000}, "auth": {"keys": [{"idd": 1, "id": "a"}]}}, variables) == [
        "server.port (TOCSIN_SERVER__PORT): expected less than or equal to 65535, got 70000",
        "auth.keys.0.idd (TOCSIN_AUTH__KEYS): no such option; did you mean auth.keys.0.id?",
    ]


def test_a_variable_that_sets_nothing() -> None:
    """With the one that was meant, if one can be guessed."""
    assert no_such_option(("sever", "port"), "TOCSIN_SEVER__PORT") == (
        "TOCSIN_SEVER__PORT: no such option; did you mean TOCSIN_SERVER__PORT?"
    )
    assert no_such_option(("a", "b"), "TOCSIN_A__B") == "TOCSIN_A__B: no such option"
    assert no_such_option(("sever", "port")) == "sever.port: no such option; did you mean server.port?"
