"""`tocsin demo`; tests/integration runs it."""

from __future__ import annotations

import argparse
import io
import socket
from typing import Any

import pytest

from hub.cli import demo
from hub.cli.demo import Demo
from hub.cli.demo_watch import Watcher
from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    demo.configure(parser)
    return parser.parse_args(arguments)


def terminal() -> Terminal:
    return Terminal(io.StringIO(), io.StringIO())


def test_what_it_does_unless_told_otherwise() -> None:
    """Two minutes, on a free port, with a hub of its own."""
    args = parsed()
    assert (args.seconds, args.forever, args.port, args.url) == (120.0, False, 0, None)


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["--seconds", "soon"], ["--seconds", "1", "--forever"]])
def test_times_that_make_no_sense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Are wrong usage."""
    with pytest.raises(SystemExit) as caught:
        parsed(*arguments)
    assert caught.value.code == Exit.USAGE
    assert "error" in capsys.readouterr().err


def test_a_channel_that_stays_silent_is_a_failure() -> None:
    """It is named."""
    said = terminal()
    made = Demo(parsed(), said)
    assert made.conclude() == Exit.INTERRUPTED
    watcher = made._watcher = Watcher(endpoint_of("http://127.0.0.1:1"), lambda: None)
    for channel, seen in watcher.seen.items():
        if channel != "ai_analysis":
            seen.types["x"] += 1
    assert made.conclude() == Exit.FAILURE
    assert isinstance(said.err, io.StringIO)
    assert said.err.getvalue() == "nothing came on ai_analysis\n"
    watcher.seen["ai_analysis"].types["x"] += 1
    assert made.conclude() == Exit.OK


def test_a_port_that_is_taken() -> None:
    """Is told as `tocsin serve` tells it; the database that was started first is gone."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=rf"127\.0\.0\.1:{port} is in use") as caught:
            demo.run(parsed("--port", str(port)), terminal())
    assert caught.value.code is Exit.UNREACHABLE


def test_another_hub_needs_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that services use; it is no part of the hub."""
    find = demo.importlib.util.find_spec  # type: ignore[attr-defined]

    def without(name: str, *more: Any) -> Any:
        return None if name == "tocsin_client" else find(name, *more)

    monkeypatch.setattr("importlib.util.find_spec", without)
    with pytest.raises(Failure, match="needs the package tocsin-client"):
        demo.run(parsed("--url", "http://127.0.0.1:1"), terminal())
