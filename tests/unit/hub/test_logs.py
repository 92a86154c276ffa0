"""Logs: one JSON object per line, or lines for people."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from hub.logs import QUIET, configure, mask_secrets
from hub.options import LogOptions


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What `configure` sets up is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the JSON objects that were logged."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_json_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With time, level and logger; from structlog and from the standard library alike."""
    configure(LogOptions(format="json"))
    structlog.get_logger("hub.here").info("started", port=8080, what="two\nlines")
    logging.getLogger("other").warning("old %s", "style")
    ours, theirs = lines(capsys)
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "started", "level": "info", "logger": "hub.here", "port": 8080, "what": "two\nlines",
    }  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("old style", "warning", "other")


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """What is below it is not written; libraries never write down what goes over the wire."""
    configure(LogOptions(format="json", level="debug"))
    structlog.get_logger().debug("fine")
    logging.getLogger("asyncio").info("using selector")
    logging.getLogger("websockets.server").debug("< TEXT secret")
    configure(LogOptions(format="json", level="error"))
    structlog.get_logger().warning("no")
    logging.getLogger("other").warning("no")
    assert [line["event"] for line in lines(capsys)] == ["fine"]


def test_context_is_added(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as a request's id."""
    configure(LogOptions(format="json"))
    structlog.contextvars.bind_contextvars(request_id="r-1")
    structlog.get_logger().info("x")
    assert lines(capsys)[0]["request_id"] == "r-1"


def test_secrets_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    """By the names of the fields; a token's id is none."""
    configure(LogOptions(format="json"))
    structlog.get_logger().info("x", token="t", api_secret="s", Authorization="a", password="p", token_id="id-1", n=1)
    (line,) = lines(capsys)
    assert {line[name] for name in ("token", "api_secret", "Authorization", "password")} == {"***"}
    assert (line["token_id"], line["n"]) == ("id-1", 1)
    assert mask_secrets(None, "info", {"Set-Cookie": "c"}) == {"Set-Cookie": "***"}


def test_a_traceback_shows_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Local variables may hold what is nobody's business."""
    configure(LogOptions(format="json"))

    def fail() -> None:
        token = "do-not-" + "show-me"
        raise ValueError(len(token))

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("failed")
    out = capsys.readouterr().out
    assert "ValueError" in out
    assert "do-not-show-me" not in out
    assert json.loads(out)["exception"][0]["frames"][-1]["name"] == "fail"


@pytest.mark.parametrize("value", ["\ud800", 1 << 80, {"\udfff": 1}, object(), {1: 2}, b"x", float("nan")])
def test_no_line_is_lost(capsys: pytest.CaptureFixture[str], value: object) -> None:
    """Whatever is logged, JSON or not."""
    configure(LogOptions(format="json"))
    structlog.get_logger().info("x", value=value)
    captured = capsys.readouterr()
    assert json.loads(captured.out)["event"] == "x"
    assert captured.err == ""


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Without colours where there is no terminal; what a terminal would obey is written out."""
    configure(LogOptions(format="console"))
    structlog.get_logger().info("started", path="/\x1b[2Jx\ud800")
    out = capsys.readouterr().out
    assert "started" in out
    assert "\x1b" not in out
    assert "\\x1b[2Jx" in out


@pytest.mark.parametrize(("terminal", "is_json"), [(True, False), (False, True)])
def test_auto(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool, is_json: bool
) -> None:
    """Lines for people on a terminal, JSON elsewhere."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    configure(LogOptions(format="auto"))
    structlog.get_logger().info("started")
    assert capsys.readouterr().out.startswith("{") == is_json


def test_configuring_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The last configuration holds."""
    configure(LogOptions(format="json"))
    configure(LogOptions(format="json"))
    structlog.get_logger().info("x")
    logging.getLogger().warning("y")
    assert len(lines(capsys)) == 2


def leak() -> None:
    """Fail with a local variable that nobody should see."""
    credential = "do-not-" + "show-me"
    raise ValueError(f"after {len(credential)} characters")


@pytest.mark.parametrize("format", ["json", "console"])
@pytest.mark.parametrize("ours", [True, False])
def test_exceptions_of_either_kind(
    capsys: pytest.CaptureFixture[str], format: Literal["json", "console"], ours: bool
) -> None:
    """Whoever logs them and however they are shown: type, message and where, but no values of variables."""
    configure(LogOptions(format=format))
    try:
        leak()
    except ValueError:
        if ours:
            structlog.get_logger("hub.here").exception("failed")
        else:
            logging.getLogger("other").exception("failed")
    captured = capsys.readouterr()
    assert captured.err == ""
    for part in ("failed", "ValueError", "after 14 characters", "leak"):
        assert part in captured.out
    assert "do-not-show-me" not in captured.out
    if format == "json":
        (line,) = captured.out.splitlines()
        assert [frame["name"] for frame in json.loads(line)["exception"][0]["frames"]][-1] == "leak"


@pytest.mark.parametrize("char", ["\x1b", "\n", "\r", "\x00", "\x7f", "\x9b", "\u202e", "\u2028", "\ud800"])
def test_nobody_else_writes_lines_for_people(capsys: pytest.CaptureFixture[str], char: str) -> None:
    """Neither a field nor the words of another library's record begin a line, or command the terminal (CWE-150)."""
    configure(LogOptions(format="console"))
    structlog.get_logger("hub.here").info("refused", path=f"/a{char}b")
    logging.getLogger("other").warning("cannot read %s", f"a{char}b")
    captured = capsys.readouterr()
    assert captured.err == ""
    assert len(captured.out.split("\n")) == 3
    assert char == "\n" or char not in captured.out


def test_text_in_any_language_stays_readable(capsys: pytest.CaptureFixture[str]) -> None:
    """Only what can't be seen is written out."""
    configure(LogOptions(format="console"))
    structlog.get_logger().info("grüße", path="/übung/日本/\\d")
    out = capsys.readouterr().out
    assert "grüße" in out
    assert "/übung/日本/\\d" in out


def test_what_goes_over_the_wire_is_not_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even when everything else is; warnings of those libraries are."""
    configure(LogOptions(format="json", level="debug"))
    for name in (*QUIET, "websockets.server"):
        logging.getLogger(name).debug("> GET /ws with a token")
        logging.getLogger(name).info("connection open")
        logging.getLogger(name).warning("%s is worth a look", name)
    assert [line["event"] for line in lines(capsys)] == [
        f"{name} is worth a look" for name in (*QUIET, "websockets.server")
    ]
