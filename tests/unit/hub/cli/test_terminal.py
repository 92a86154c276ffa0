"""What goes to which stream, and in which colour."""

from __future__ import annotations

import io
import json

import pytest

from hub.cli.terminal import Colour, Terminal, visible


class Tty(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        return True


def test_results_and_remarks_go_apart() -> None:
    """A pipe gets results only."""
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal.of(out, err, {})
    terminal.say("result")
    terminal.tell("remark", Colour.RED)
    assert (out.getvalue(), err.getvalue()) == ("result\n", "remark\n")


def test_a_terminal_gets_colours() -> None:
    """Each stream decides for itself: standard error is coloured although the result goes into a file."""
    out, err = io.StringIO(), Tty()
    terminal = Terminal.of(out, err, {"TERM": "xterm"})
    terminal.say(terminal.paint("result", Colour.GREEN))
    terminal.tell("remark", Colour.RED)
    assert (out.getvalue(), err.getvalue()) == ("result\n", "\x1b[31mremark\x1b[0m\n")
    assert Terminal.of(Tty(), err, {}).paint("x", Colour.GREEN) == "\x1b[32mx\x1b[0m"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"}])
def test_colours_can_be_refused(environment: dict[str, str]) -> None:
    """`NO_COLOR` with any value, or a terminal without colours. It stays a terminal."""
    terminal = Terminal.of(Tty(), Tty(), environment)
    assert (terminal.interactive, terminal.colour_out, terminal.colour_err) == (True, False, False)


def test_an_empty_no_color_refuses_nothing() -> None:
    """As no-color.org says."""
    assert Terminal.of(Tty(), Tty(), {"NO_COLOR": ""}).colour_out


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b31m", "\u202eevil", "\u2028", "\x00", "\U000e0041", "\ud800", "\x7f"])
def test_what_does_not_print_is_escaped(text: str) -> None:
    """Escape sequences, C1 controls, text direction, half characters: as JSON escapes that read back to the same."""
    shown = visible(f'"{text}"')
    assert shown.isprintable()
    assert json.loads(shown) == text


def test_what_prints_stays() -> None:
    """Text in any language, and signs."""
    assert visible("Grüße 你好 ✓ 🔔") == "Grüße 你好 ✓ 🔔"


def test_line_ends_become_blanks() -> None:
    """One message is one line."""
    assert visible("a\r\nb\tc") == "a  b c"
