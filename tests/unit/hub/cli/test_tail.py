"""`tocsin tail`: its options, and how it ends."""

from __future__ import annotations

import argparse
import io

import pytest

from channels.model import START, Position
from hub.cli import tail
from hub.cli.exits import Exit, Failure
from hub.cli.tail import starts
from hub.cli.terminal import Terminal


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    tail.configure(parser)
    return parser.parse_args(arguments)


def refusal(*arguments: str) -> str:
    with pytest.raises(Failure) as caught:
        tail.run(parse(*arguments), Terminal(io.StringIO(), io.StringIO()))
    assert caught.value.code is Exit.USAGE
    return str(caught.value)


def test_a_position_begins_the_only_channel() -> None:
    """An epoch may hold colons; the offset is behind the last one."""
    assert starts(["a"], ["p3kq9x:42"], False) == {"a": Position("p3kq9x", 42)}
    assert starts(["user:b"], ["x:y:0"], False) == {"user:b": Position("x:y", 0)}


def test_with_several_channels_each_position_names_its_own() -> None:
    """Positions of one channel mean nothing on another."""
    assert starts(["a", "room:b"], ["room:b=e:2", "a=f:1"], False) == {
        "a": Position("f", 1),
        "room:b": Position("e", 2),
    }


def test_from_the_start_holds_for_all_channels() -> None:
    """Every channel has a start."""
    assert starts(["a", "b"], [], True) == {"a": START, "b": START}
    assert starts(["a", "b"], [], False) == {}


@pytest.mark.parametrize("text", ["42", ":42", "e:", "e:x", "e:-1", "e:²", "e:1.5", ""])
def test_what_is_no_position_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(Failure, match="such as p3kq9x:42"):
        starts(["a"], [text], False)


def test_a_position_must_belong_to_a_channel() -> None:
    """One that is followed."""
    with pytest.raises(Failure, match="CHANNEL=e:1"):
        starts(["a", "b"], ["e:1"], False)
    with pytest.raises(Failure, match="c is not among the channels"):
        starts(["a", "b"], ["c=e:1"], False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--expect", "0"], ["--expect", "-1"], ["--expect", "x"], ["--timeout", "0"], ["--timeout", "-1"],
        ["--timeout", "nan"], ["--timeout", "inf"], ["--timeout", "x"], ["--since", "e:1", "--from-start"],
    ],
)  # fmt: skip
def test_options_are_checked(arguments: list[str]) -> None:
    """By the parser, which says what it expected."""
    with pytest.raises(argparse.ArgumentError):
        parse("a", *arguments)


def test_a_client_id_has_the_hubs_grammar() -> None:
    """Told before anything is sent."""
    assert "--client-id" in refusal("a", "--client-id", "two words")


def test_an_expectation_needs_channels() -> None:
    """Without them nothing can come."""
    assert "--expect" in refusal("--expect", "1")


def test_nothing_listens() -> None:
    """A failure, as told by `hub.cli.dial`."""
    with pytest.raises(Failure) as caught:
        tail.run(parse("a", "--url", "http://127.0.0.1:1"), Terminal(io.StringIO(), io.StringIO()))
    assert caught.value.code is Exit.UNREACHABLE
