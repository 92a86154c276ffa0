"""The command as people run it: real processes, real sockets, real signals."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from tests.live import LiveHub

TOCSIN = (
    [found]
    if (found := shutil.which("tocsin", path=Path(sys.executable).parent))
    else [sys.executable, "-m", "hub.cli"]
)
QUIET = {"TOCSIN_SYSTEM_STATS__INTERVAL": "0", "TOCSIN_SERVER__DRAIN": "0.1"}
KEY = {"TOCSIN_AUTH__KEYS__0__ID": "main", "TOCSIN_AUTH__KEYS__0__SECRET": "a-secret-for-tests-of-at-least-32-bytes"}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without anything that changes the command."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_") and name != "NO_COLOR"}
    return {**ours, **QUIET, **(extra or {})}


def tocsin(*arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*TOCSIN, *arguments], env=environment(env), capture_output=True, text=True, timeout=30, check=False, **options
    )


@contextmanager
def started(*arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run the command beside the test, and end it with the block."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen([*TOCSIN, *arguments], env=environment(env), text=True, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def line_with(stream: IO[str] | None, text: str) -> str:
    """Read up to the line that has `text`."""
    assert stream is not None
    seen = []
    for line in stream:
        seen.append(line)
        if text in line:
            return line
    raise AssertionError(f"no line has {text!r}: {seen}")


def url_of(process: subprocess.Popen[str]) -> str:
    """Wait until a hub listens; return where."""
    found = re.search(r"http://127\.0\.0\.1:[0-9]+", line_with(process.stdout, "listening on"))
    assert found is not None
    return found[0]


def ended(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal; return exit code and what was printed since."""
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub for all tests that leave it as it is."""
    with started("serve", "--port", "0", cwd=tmp_path_factory.mktemp("hub"), stderr=None) as process:
        yield url_of(process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_ends_with_0_when_told_to(number: signal.Signals, tmp_path: Path) -> None:
    """On Ctrl+C and on SIGTERM, without a traceback."""
    with started("serve", "--port", "0", cwd=tmp_path) as process:
        url_of(process)
        code, out, err = ended(process, number)
    assert (code, err) == (0, "")
    assert "stopped" in out


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """In one line, with exit code 3."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = tocsin("serve", "--port", str(port), cwd=tmp_path)
    expected = f"127.0.0.1:{port} is in use by another program; choose another with --port or server.port\n"
    assert (result.returncode, result.stderr) == (3, expected)


@pytest.mark.parametrize("command", ["serve", "check-config"])
def test_every_problem_of_a_configuration_is_told(command: str, tmp_path: Path) -> None:
    """One line each, beginning with the option's path, and exit code 2."""
    (tmp_path / "config.yaml").write_text("server: {prot: 1}\nlimits: {batch: 0}\n")
    result = tocsin(command, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert sorted(line.partition(":")[0] for line in result.stderr.splitlines()) == ["limits.batch", "server.prot"]


def test_the_configuration_in_effect_is_a_configuration(tmp_path: Path) -> None:
    """What `check-config` prints can be given to it again."""
    first = tocsin("check-config", env={"TOCSIN_SERVER__PORT": "9000"}, cwd=tmp_path)
    assert first.returncode == 0
    (tmp_path / "printed.yaml").write_text(first.stdout)
    again = tocsin("check-config", "--config", "printed.yaml", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, first.stdout)


def test_tail_gets_what_publish_sends(url: str) -> None:
    """One JSON object a line into a pipe; it ends by itself after the expected messages."""
    with started("tail", "ai_analysis", "memory_updates", "--expect", "2", "--timeout", "20", "--url", url) as tail:
        for channel in ("ai_analysis", "memory_updates"):
            line_with(tail.stderr, f"{channel}: subscribed at ")
        first = tocsin("publish", "ai_analysis", "progress", '{"percent": 7}', "--url", url)
        second = tocsin("publish", "memory_updates", "written", "-", "--url", url, input='"ü"')
        out, err = tail.communicate(timeout=30)
    assert (first.returncode, second.returncode, tail.returncode) == (0, 0, 0)
    assert re.fullmatch(r"published on ai_analysis at \S+:1, 1 subscriber\n", first.stdout)
    assert [(m["channel"], m["type"], m["data"]) for m in map(json.loads, out.splitlines())] == [
        ("ai_analysis", "progress", {"percent": 7}),
        ("memory_updates", "written", "ü"),
    ]
    assert "2 messages, 0 gaps, 0 reconnects" in err
    assert "\x1b" not in out + err


def test_tail_begins_where_it_is_told_to(url: str) -> None:
    """`publish` prints a position that `--since` takes."""
    positions = []
    for number in range(3):
        result = tocsin("publish", "vector_search", "n", str(number), "--url", url)
        positions.append(re.findall(r" at (\S+),", result.stdout)[0])
    options = ["--expect", "2", "--timeout", "20", "--url", url]
    after_first = tocsin("tail", "vector_search", "--since", positions[0], *options)
    assert [json.loads(line)["data"] for line in after_first.stdout.splitlines()] == [1, 2]
    all_there_is = tocsin("tail", "vector_search", "--from-start", "--expect", "3", "--timeout", "20", "--url", url)
    assert [json.loads(line)["data"] for line in all_there_is.stdout.splitlines()] == [0, 1, 2]


def test_an_expectation_that_is_not_met_ends_with_5(url: str) -> None:
    """What is missing is told, per channel."""
    result = tocsin("tail", "db_pool_stats", "--expect", "3", "--timeout", "0.5", "--url", url)
    assert (result.returncode, result.stdout) == (5, "")
    assert "expected 3 messages in order and without a gap, got 0" in result.stderr
    assert "db_pool_stats: 0 messages, last position " in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_tail_ends_with_0_when_told_to(url: str, number: signal.Signals) -> None:
    """With a summary, and without a traceback."""
    with started("tail", "db_pool_stats", "--url", url) as tail:
        line_with(tail.stderr, "subscribed")
        assert ended(tail, number) == (0, "", "0 messages, 0 gaps, 0 reconnects\n")


def test_tail_without_channels_lists_them(url: str) -> None:
    """One a line, for other programs."""
    result = tocsin("tail", "--client-id", "me", "--url", url)
    assert result.returncode == 0
    assert result.stdout.split() == [
        "error_firewall", "vector_search", "db_pool_stats", "ai_analysis", "memory_updates", "system_alerts", "user:me",
    ]  # fmt: skip


@pytest.mark.parametrize("command", [["tail", "nonsense"], ["publish", "nonsense", "t", "1"]])
def test_an_unknown_channel_is_refused_with_those_there_are(url: str, command: list[str]) -> None:
    """With exit code 4."""
    result = tocsin(*command, "--url", url)
    assert result.returncode == 4
    assert "Invalid channel: nonsense" in result.stderr
    assert "available channels: error_firewall, " in result.stderr


@pytest.mark.parametrize("command", [["tail", "a"], ["publish", "a", "t", "1"]])
def test_a_hub_that_is_not_there_is_told(command: list[str]) -> None:
    """With exit code 3 and how to start one."""
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        url = f"http://127.0.0.1:{closed_soon.getsockname()[1]}"
    result = tocsin(*command, "--url", url)
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.startswith(f"{url}: nothing listens there; start a hub with `tocsin serve`")


def test_presence_is_shown_to_those_who_ask(url: str) -> None:
    """As JSON lines among the publications."""
    with started("tail", "system_alerts", "--presence", "--client-id", "first", "--url", url) as tail:
        line_with(tail.stderr, "subscribed")
        tocsin("tail", "system_alerts", "--client-id", "second", "--timeout", "0.5", "--url", url)
        joined = json.loads(line_with(tail.stdout, '"second"'))
        left = json.loads(line_with(tail.stdout, '"second"'))
    assert [(notice["type"], notice["event"]) for notice in (joined, left)] == [
        ("presence", "join"),
        ("presence", "leave"),
    ]


def test_tail_comes_back_after_a_restart_and_tells_what_it_can_not_prove(tmp_path: Path) -> None:
    """A hub that keeps its history in memory has a new epoch afterwards."""
    with started("serve", "--port", "0", cwd=tmp_path) as hub:
        url = url_of(hub)
        tocsin("publish", "system_alerts", "alert", "1", "--url", url)
        tail_command = ("tail", "system_alerts", "--from-start", "--url", url)
        with started(*tail_command) as tail:
            line_with(tail.stdout, "alert")
            assert ended(hub, signal.SIGTERM)[0] == 0
            line_with(tail.stderr, "(1001); connecting again in ")
            with started("serve", "--port", url.rpartition(":")[2], cwd=tmp_path) as second:
                url_of(second)
                line_with(tail.stderr, "system_alerts: gap: publications may be missing")
                tocsin("publish", "system_alerts", "alert", "2", "--url", url)
                line_with(tail.stdout, '"data":2')
                assert ended(tail, signal.SIGINT) == (0, "", "2 messages, 1 gap, 1 reconnect\n")


async def test_tail_recovers_what_it_missed(hub: LiveHub) -> None:
    """The hub drops it and publishes on; it gets everything, once and in order, and says so."""
    options = ["--expect", "6", "--timeout", "30", "--client-id", "dropped", "--url", hub.url]
    command = [*TOCSIN, "tail", "db_pool_stats", *options]
    pipe = asyncio.subprocess.PIPE
    tail = await asyncio.create_subprocess_exec(*command, env=environment(), stdout=pipe, stderr=pipe)
    assert tail.stderr is not None
    await tail.stderr.readuntil(b"db_pool_stats: subscribed")
    for number in range(6):
        await hub.publish("db_pool_stats", "n", number)
        if number == 2:
            for connection in hub.hub.connections.of_client("dropped"):
                await hub.hub.manager.disconnect(connection)
    out, err = await asyncio.wait_for(tail.communicate(), 40)
    assert (tail.returncode, [json.loads(line)["data"] for line in out.splitlines()]) == (0, [0, 1, 2, 3, 4, 5])
    assert re.search(rb"recovered after \w+:3: 3 replayed", err)
    assert b"6 messages, 0 gaps, 1 reconnect" in err


def test_a_token_opens_a_hub_that_wants_one(tmp_path: Path) -> None:
    """`token` signs with the hub's own key; without a token, or with another's, the answer is 4."""
    with started("serve", "--port", "0", env=KEY, cwd=tmp_path) as hub:
        url = url_of(hub)
        token = tocsin("token", "--user", "ci", "--publish", "system_alerts", env=KEY, cwd=tmp_path)
        assert (token.returncode, token.stderr, token.stdout.count("\n")) == (0, "", 1)
        given = {"TOCSIN_TOKEN": token.stdout.strip()}
        publish = ["publish", "system_alerts", "alert", "1", "--url", url]
        assert tocsin(*publish, env=given).returncode == 0
        (tmp_path / "token").write_text(token.stdout)
        options = ["--from-start", "--expect", "1", "--timeout", "20", "--token-file", str(tmp_path / "token")]
        assert tocsin("tail", "system_alerts", *options, "--url", url).returncode == 0
        for bad in ({}, {"TOCSIN_TOKEN": "not.a.token"}):
            assert tocsin(*publish, env=bad).returncode == 4
            assert tocsin("tail", "system_alerts", "--url", url, "--timeout", "5", env=bad).returncode == 4


def test_a_reader_that_has_enough_is_no_error(url: str) -> None:
    """As in `tocsin tail ... | head -1`."""
    tocsin("publish", "error_firewall", "event", "1", "--url", url)
    read, write = os.pipe()
    os.close(read)
    with started("tail", "error_firewall", "--from-start", "--url", url, stdout=write) as tail:
        os.close(write)
        _, err = tail.communicate(timeout=30)
    assert tail.returncode == 0
    assert "Error" not in err


def test_json_is_utf_8_in_every_locale(url: str) -> None:
    """A pipe is read by programs, and they know what JSON is."""
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    tocsin("publish", "error_firewall", "ü", '"日本"', "--url", url)
    options = ["--from-start", "--timeout", "0.5", "--url", url]
    result = subprocess.run(
        [*TOCSIN, "tail", "error_firewall", *options], env=environment(env), capture_output=True, timeout=30, check=True
    )
    assert "日本" in [json.loads(line)["data"] for line in result.stdout.decode().splitlines()]


@pytest.mark.parametrize(("env", "coloured"), [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals(url: str, env: dict[str, str], coloured: bool) -> None:
    """And for those who want them there; columns come in both cases."""
    tocsin("publish", "error_firewall", "event", '{"n": 1}', "--url", url)
    ours, theirs = os.openpty()
    options = ["--from-start", "--expect", "1", "--timeout", "20", "--url", url]
    with started("tail", "error_firewall", *options, env=env, stdout=theirs) as tail:
        os.close(theirs)
        tail.communicate(timeout=30)
    with os.fdopen(ours, "rb", buffering=0) as screen:
        shown = screen.read(65_536).decode()
    assert re.search(r"\d\d:\d\d:\d\d\.\d{3}Z", shown)
    assert ("\x1b[" in shown) is coloured


def test_the_help_names_the_commands() -> None:
    """In the order in which they are needed."""
    result = tocsin("--help")
    commands = re.findall(r"^    ([a-z-]+)", result.stdout.partition("COMMAND\n")[2].partition("\n\n")[0], re.MULTILINE)
    assert result.returncode == 0
    assert commands == [
        *("serve", "check-config", "token", "account", "publish", "tail", "why"),
        *("firewall", "analyze", "train", "ask", "demo", "bench"),
    ]


def test_without_a_command_the_usage_is_shown() -> None:
    """With exit code 2."""
    result = tocsin()
    assert result.returncode == 2
    assert result.stderr.startswith("usage: tocsin")


def test_no_default_key_exists() -> None:
    """Two new keys are never the same."""
    keys = {tocsin("token", "--new-key").stdout for _ in range(2)}
    assert len(keys) == 2
