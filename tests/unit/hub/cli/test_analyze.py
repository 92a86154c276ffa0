"""`tocsin analyze`, on real repositories."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.cli import analyze
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal
from tests.live import LiveHub, until
from tests.unit.integrations.code_analysis.repositories import commit, git, make_repository


class Command:
    """Runs the command; keeps what it printed."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.out = ""
        self.err = ""

    def __call__(self, *arguments: str, linters: str = "syntax") -> int:
        parser = argparse.ArgumentParser(exit_on_error=False)
        analyze.configure(parser)
        out, err = io.StringIO(), io.StringIO()
        args = parser.parse_args([*arguments, "--linters", linters, "--cache", str(self.cache)])
        try:
            return analyze.run(args, Terminal(out, err))
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()

    def json(self, *arguments: str) -> Any:
        assert self(*arguments, "--json") == Exit.OK
        return json.loads(self.out)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with results of its own."""
    return Command(tmp_path / "cache")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Three files, one of them broken."""
    return make_repository(tmp_path / "r", {"a.json": "{", "sub/b.json": "{}", "c.md": "text"})


def test_findings_are_printed_by_file(command: Command, repository: Path) -> None:
    """Then how each linter fared, and the numbers."""
    assert command(str(repository)) == Exit.OK
    lines = command.out.splitlines()
    assert lines[0] == "a.json"
    assert lines[1] == "  1:2       error   syntax json: Expecting property name enclosed in double quotes"
    assert any("syntax" in line and "ok" in line for line in lines[3:])
    commit = git(repository, "rev-parse", "HEAD")[:12]
    assert f"1 findings (1 error, 0 warning, 0 info) in 2 files at {commit}, 0 files known" in lines
    assert lines[-1] == "not looked at: 1 no linter for it"
    assert command.err == ""


def test_a_folder_inside_of_a_repository_will_do(command: Command, repository: Path, monkeypatch: Any) -> None:
    """As everyone expects of a tool for Git."""
    monkeypatch.chdir(repository / "sub")
    assert command.json(".")["findings"] == 1


def test_json_is_one_object(command: Command, repository: Path) -> None:
    """With the findings."""
    report = command.json(str(repository))
    assert len(command.out.splitlines()) == 1
    assert (report["findings"], report["by_severity"]["error"], report["progress"]) == (1, 1, 100)
    assert [row["path"] for row in report["finding_list"]] == ["a.json"]


def test_sarif_is_printed(command: Command, repository: Path) -> None:
    """And nothing else."""
    assert command(str(repository), "--sarif") == Exit.OK
    log = json.loads(command.out)
    assert (log["version"], len(log["runs"][0]["results"])) == ("2.1.0", 1)


@pytest.mark.parametrize(
    ("severity", "code"), [("error", Exit.UNMET), ("warning", Exit.UNMET), ("info", Exit.UNMET), (None, Exit.OK)]
)
def test_a_finding_may_be_a_failure(command: Command, repository: Path, severity: str | None, code: Exit) -> None:
    """When it is as bad as was said, or worse."""
    options = [] if severity is None else ["--fail-on", severity]
    assert command(str(repository), *options) == code
    assert ("1 findings" in command.err) == (severity is not None)


def test_a_mild_finding_is_none(command: Command, tmp_path: Path) -> None:
    """Below what was said."""
    path = make_repository(tmp_path / "m", {"a.json": b"\xff"})
    assert command(str(path), "--fail-on", "error") == Exit.OK
    assert command(str(path), "--fail-on", "warning") == Exit.UNMET


def test_only_what_differs_is_looked_at(command: Command, repository: Path) -> None:
    """Since a commit; and only what is new may count."""
    commit(repository, {"a.json": "\n{", "d.json": "{"})
    report = command.json(str(repository), "--since", "HEAD~1")
    assert (report["files_total"], report["findings"]) == (2, 2)
    assert report["comparison"]["new"] == 1
    new = command.json(str(repository), "--since", "HEAD~1", "--only-new")
    assert [row["path"] for row in new["finding_list"]] == ["d.json"]
    git(repository, "rm", "--quiet", "d.json")
    commit(repository, {"a.json": "\n\n{"})
    assert command(str(repository), "--since", "HEAD~2", "--only-new", "--fail-on", "info") == Exit.OK


def test_another_commit_or_what_lies_there(command: Command, repository: Path) -> None:
    """One or the other."""
    commit(repository, {"a.json": "{}"})
    (repository / "new.json").write_text("{")
    assert command.json(str(repository), "--ref", "HEAD~1")["findings"] == 1
    assert command.json(str(repository))["findings"] == 0
    assert command.json(str(repository), "--working-tree")["findings"] == 1


def test_a_second_run_knows_the_first(command: Command, repository: Path) -> None:
    """By the folder of results; without one nothing is known, and nothing written."""
    command.json(str(repository))
    again = command.json(str(repository))
    assert (again["files_cached"], again["comparison"]["unchanged"]) == (2, 1)
    assert command.json(str(repository), "--no-cache")["files_cached"] == 0


def test_a_linter_that_fails_makes_it_incomplete(command: Command, repository: Path, monkeypatch: Any) -> None:
    """Which is no success, though nothing bad was found."""
    tools = repository.parent / "bin"
    tools.mkdir()
    (tools / "yamllint").write_text('#!/bin/sh\n[ "$1" = --version ] && echo yamllint 1.0 && exit\nexit 70\n')
    (tools / "yamllint").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tools / "python"))
    commit(repository, {"a.json": "{}", "x.yml": "a: 1\n"})
    assert command(str(repository), "--fail-on", "error", linters="yamllint") == Exit.FAILURE
    assert "not complete: yamllint failed" in command.err
    assert "failed: yamllint: exit code 70" in command.out


@pytest.mark.parametrize(
    ("arguments", "linters", "code", "words"),
    [
        (["{r}", "--ref", "nope"], "syntax", Exit.FAILURE, "there is no commit 'nope'"),
        (["{r}/nope"], "syntax", Exit.FAILURE, "is not a folder"),
        (["/"], "syntax", Exit.FAILURE, "/ is not a Git repository"),
        (["{r}"], "eslint", Exit.USAGE, "expected linters out of ruff"),
        (["{r}"], ",", Exit.USAGE, "names none"),
    ],
)
def test_what_cannot_be_done_is_said(
    command: Command, repository: Path, arguments: list[str], linters: str, code: Exit, words: str
) -> None:
    """With its exit code."""
    with pytest.raises(Failure) as caught:
        command(*(argument.format(r=repository) for argument in arguments), linters=linters)
    assert caught.value.code == code
    assert words in caught.value.lines[0]


async def test_a_hub_is_told(hub: LiveHub, command: Command, repository: Path) -> None:
    """The same messages as of its own analyses, in their order."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="ai_analysis")
        assert await asyncio.to_thread(command, str(repository), "--url", hub.url) == Exit.OK
        found = [await client.receive()]
        while found[-1]["type"] != "analysis_completed":
            found.append(await client.receive())
    types = [message["type"] for message in found]
    assert types[0] == "analysis_started"
    assert types.count("analysis_finding") == 1
    assert [message["data"]["repository"] for message in found] == ["r"] * len(found)
    assert command.err == ""


async def test_a_hub_is_told_of_a_failure(hub: LiveHub, command: Command, repository: Path) -> None:
    """Once."""
    with pytest.raises(Failure):
        await asyncio.to_thread(command, str(repository), "--url", hub.url, "--ref", "nope")
    history = await hub.hub.engine.history("ai_analysis", None, None, 10)
    assert [each.type for each in history.publications] == ["analysis_failed"]


def test_a_hub_that_is_away_changes_nothing(command: Command, repository: Path, unused_tcp_port: int) -> None:
    """But for a word about it."""
    assert command(str(repository), "--url", f"http://127.0.0.1:{unused_tcp_port}") == Exit.OK
    assert "1 findings" in command.out
    assert "messages did not reach" in command.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_is_interrupted(hub: LiveHub, repository: Path, tmp_path: Path, number: signal.Signals) -> None:
    """Its linters end with it, and the hub is told."""
    (tmp_path / "bin").mkdir()
    tool, pid = tmp_path / "bin" / "shellcheck", tmp_path / "pid"
    tool.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo version: 1.0 && exit\necho $$ > {pid}\nexec sleep 60\n')
    tool.chmod(0o755)
    commit(repository, {"run.sh": "true\n"})
    code = (
        "import sys; from hub.cli.command import main; "
        f"real = sys.executable; sys.executable = {str(tmp_path / 'bin' / 'python')!r}; sys.exit(main())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", code, "analyze", str(repository), "--linters", "shellcheck", "--no-cache", "--url", hub.url),
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    await until(lambda: pid.exists() and pid.read_text().endswith("\n"))
    process.send_signal(number)
    assert await process.wait() == Exit.INTERRUPTED
    history = await hub.hub.engine.history("ai_analysis", None, None, 10)
    assert history.publications[-1].type == "analysis_cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
