"""The types of options: what they take, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hub.options import ChannelSection, Settings


def message(tree: dict[str, Any]) -> str:
    """Return the only error that a tree has."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(tree)
    (error,) = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ({"server": {"origins": ["https://app.example.com/"]}}, "expected scheme://host[:port] without a path"),
        ({"server": {"origins": ["*"]}}, "expected scheme://host[:port] without a path"),
        ({"server": {"hosts": ["https://hub"]}}, "expected host or host:port"),
        ({"server": {"trusted_proxies": ["10.0.0.1/8"]}}, "expected an address, or a network such as 10.0.0.0/8"),
        ({"channels": {"named": {"room:ops": {}}}}, "a channel's name may not begin with room:, which is a namespace"),
        ({"channels": {"defaults": {"schema": {"type": "nothing"}}}}, "expected a JSON Schema: "),
        ({"limits": {"batch": True}}, "expected a number"),
        ({"websocket": {"heartbeat": False}}, "expected a number"),
        ({"server": {"workers": "many"}}, "Input should be a valid integer"),
        ({"server": {"workers": -1}}, "Input should be greater than or equal to 0"),
        ({"websocket": {"heartbeat": float("nan")}}, "Input should be a finite number"),
        ({"websocket": {"heartbeat": float("inf")}}, "Input should be a finite number"),
        ({"channels": {"rooms": {"a" * 124: {}}}}, "String should have at most 123 characters"),
        ({"channels": {"named": {"a b": {}}}}, "String should match pattern"),
        ({"log": None, "limits": {"batch": None}}, "Input should be a valid integer"),
    ],
)
def test_values_that_are_refused(tree: dict[str, Any], reason: str) -> None:
    """Each where it stands."""
    assert message(tree).startswith(reason)


def test_values_that_are_taken() -> None:
    """In the spellings that people use."""
    settings = Settings.model_validate(
        {
            "server": {
                "origins": ["https://app.example.com", "http://localhost:3000", "tauri://localhost"],
                "hosts": ["hub.example.com", "hub.example.com:8443", "[::1]:80"],
                "trusted_proxies": ["10.0.0.0/8", "::1", "192.168.0.7"],
            },
            "channels": {"named": {"deploys": {"schema": {"type": "object"}}, "a:b": {}}},
        }
    )
    assert len(settings.server.origins) == 3
    assert settings.channels.named["deploys"].schema_ == {"type": "object"}


def test_what_has_nothing_under_it_is_empty() -> None:
    """As when every option of a section is commented out."""
    tree = {"server": None, "auth": {"keys": None}, "channels": {"named": None, "user": None, "defaults": None}}
    assert Settings.model_validate(tree) == Settings()
    assert Settings.model_validate({"channels": {"rooms": {"ops": {}}}}).channels.rooms["ops"] == ChannelSection()


@pytest.mark.parametrize(("given", "number"), [(3, 3), ("auto", 0), (0, 0)])
def test_the_number_of_workers(given: object, number: int) -> None:
    """0 stands for as many as there are processors."""
    assert Settings.model_validate({"server": {"workers": given}}).server.workers == number
