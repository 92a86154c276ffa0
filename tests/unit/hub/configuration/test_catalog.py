"""The options by their paths."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import SecretStr

from hub.configuration.catalog import bare, kind_at, paths, sections, suggestion, variable
from hub.options import AuthOptions, ChannelSection, KeyOptions, ServerOptions


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("server", ServerOptions),
        ("server.port", int),
        ("auth.keys.0", KeyOptions),
        ("auth.keys.7.secret", SecretStr),
        ("channels.rooms.ops", ChannelSection),
        ("channels.rooms.ops.history_age", float),
        ("channels.defaults.members.0", str),
        ("channels.defaults.schema.properties.x", Any),
    ],
)
def test_the_type_at_a_path(path: str, kind: object) -> None:
    """Through sections, lists and mappings."""
    assert kind_at(path.split(".")) == kind


@pytest.mark.parametrize(
    "path", ["", "sever", "server.", "server.port.x", "auth.keys.first", "channels.defaults.schema_", "auth.keys.0.x"]
)
def test_there_is_no_such_path(path: str) -> None:
    """An option has one name."""
    assert kind_at(path.split(".")) is None


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("sever.port", "server.port"),
        ("server.prt", "server.port"),
        ("sever.prt", "server"),
        ("port", "server.port"),
        ("websocket.port", "server.port"),
        ("server.audience", "auth.audience"),
        ("auth.keys.0.secert", "auth.keys.0.secret"),
        ("channels.rooms.ops.membres", "channels.rooms.ops.members"),
        ("auth.keys.first.id", None),
        ("server.port.x", None),
        ("server.port", "server.port"),
        ("entirely.else", None),
    ],
)
def test_what_may_have_been_meant(path: str, meant: str | None) -> None:
    """A path spelt nearly so, or an option of that name elsewhere."""
    found = suggestion(tuple(path.split(".")))
    assert (found and ".".join(found)) == meant


def test_bare_types() -> None:
    """Without constraints and without `None`."""
    assert bare(Annotated[int | None, "x"]) is int
    assert bare(int | None) is int
    assert bare(tuple[int, ...]) == tuple[int, ...]


def test_every_path_leads_to_a_type_and_has_a_variable() -> None:
    """The catalog is closed in itself."""
    found = list(paths())
    assert ("auth", "keys") in found
    assert len(found) == len(set(found))
    assert all(kind_at(path) is not None for path in found)
    assert variable(("auth", "keys", "0", "secret_file")) == "TOCSIN_AUTH__KEYS__0__SECRET_FILE"
    assert (("auth",), AuthOptions) in list(sections())
