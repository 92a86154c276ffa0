"""The command's front."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from hub.cli import bench
from hub.cli.command import SUBCOMMANDS, main
from hub.cli.exits import Exit


def test_the_subcommands() -> None:
    """Their names are the interface; one that is missing or new shows here."""
    names = "serve check-config token account publish tail why firewall analyze train ask demo bench"
    assert [sub.name for sub in SUBCOMMANDS] == names.split()


@pytest.mark.parametrize("name", [sub.name for sub in SUBCOMMANDS if sub.name != "bench"])
def test_every_subcommand_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each example is a call of it."""
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    _, _, examples = capsys.readouterr().out.partition("examples:\n")
    assert f"tocsin {name}" in examples


def test_the_help_names_all_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """One page to find the way from."""
    with pytest.raises(SystemExit):
        main(["--help"])
    page = capsys.readouterr().out
    assert all(f"    {sub.name}" in page for sub in SUBCOMMANDS)
    codes = page.partition("exit codes:")[2]
    assert all(str(code.value) in codes for code in Exit)


@pytest.mark.parametrize("call", ["--help", "publish --help", "tail --help"])
def test_a_call_imports_what_it_needs_alone(call: str) -> None:
    """A hub takes a second to import, and a script that publishes has no use for it."""
    forbid = "import sys; sys.modules.update(dict.fromkeys(['hub.options', 'hub.wiring', 'yaml', 'aiohttp.web']))"
    code = f"{forbid}; from hub.cli import main; main()"
    assert subprocess.run([sys.executable, "-c", code, *call.split()], timeout=30, check=False).returncode == 0


def test_every_subcommand_is_documented() -> None:
    """A section each, with an example."""
    page = (Path(__file__).parents[4] / "docs" / "topics" / "command-line.md").read_text(encoding="utf-8")
    for sub in SUBCOMMANDS:
        assert f"## `tocsin {sub.name}`" in page
        assert f"    tocsin {sub.name}" in page.partition(f"## `tocsin {sub.name}`")[2].partition("\n## ")[0]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """That of the installed distribution."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"tocsin {version('tocsin')}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["serve", "--nonsense"], ["serve", "--por", "1"], ["publish", "a"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An option can't be shortened either: a later version may have another one that begins so."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == Exit.USAGE
    assert "usage: tocsin" in capsys.readouterr().err


def test_a_failure_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Its lines go to standard error, its code is the command's."""
    assert main(["tail", "a", "--url", "nonsense"]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quietly."""

    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "run", interrupt)
    assert main(["bench"]) == Exit.INTERRUPTED


def test_everything_after_bench_belongs_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what looks like an option of ours."""
    passed: list[list[str]] = []

    def run(args: argparse.Namespace, _: object) -> int:
        passed.append(args.arguments)
        return 0

    monkeypatch.setattr(bench, "run", run)
    assert main(["bench", "--help", "--version", "x"]) == 0
    assert passed == [["--help", "--version", "x"]]
