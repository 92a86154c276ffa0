"""A call that is about to be made."""

from __future__ import annotations

from integrations.error_firewall.call import make_call, name_of
from tests.firewall_kit import BAD


def test_a_call_holds_what_counts() -> None:
    """Stable parameters without secrets, and whether equality means anything."""
    call = make_call("ios_build", {**BAD, "request_id": "r1"}, {"user": "alice", "token": "t"})
    assert call.params == BAD
    assert call.context == {"token": "[secret]", "user": "alice"}
    assert call.is_comparable
    assert not make_call("login", {"user": "alice", "password": "x"}).is_comparable


def test_the_callers_mapping_is_not_touched() -> None:
    """Neither changed nor kept: a later change of it changes no call."""
    params = {"tags": ["a"], "password": "x"}
    call = make_call("x", params)
    params["tags"].append("b")  # type: ignore[attr-defined]
    assert call.params["tags"] == ["a"]
    assert params["password"] == "x"


def test_names_are_visible_and_bounded() -> None:
    """They go into messages and ids."""
    assert name_of("build\n\u202ex") == "build  x"
    assert name_of("") == "unnamed"
    assert len(name_of("x" * 10_000)) < 256
    assert name_of("a" * 10_000) != name_of("a" * 9_999 + "b")
