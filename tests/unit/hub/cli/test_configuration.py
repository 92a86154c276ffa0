"""Where the configuration comes from, and how it is printed."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest
import yaml

from hub.cli import configuration
from hub.cli.configuration import find, read
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal


def terminal() -> Terminal:
    return Terminal(io.StringIO(), io.StringIO())


def test_the_option_wins_over_the_variable_and_that_over_the_file_here(folder: Path) -> None:
    """And without any of them there are the defaults."""
    assert find(None, {}).path is None
    (folder / "config.yaml").write_text("")
    assert find(None, {}).path == Path("config.yaml")
    assert find(None, {"TOCSIN_CONFIG": "other.yaml"}).path == Path("other.yaml")
    assert find("third.yaml", {"TOCSIN_CONFIG": "other.yaml"}).path == Path("third.yaml")


@pytest.mark.usefixtures("folder")
def test_a_file_that_was_named_must_be_there() -> None:
    """A mistyped name is no reason for defaults."""
    with pytest.raises(Failure, match=r"none\.yaml") as caught:
        read("none.yaml", terminal())
    assert caught.value.code is Exit.USAGE


@pytest.mark.usefixtures("folder")
def test_variables_of_the_command_are_no_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that has a token and a URL for `publish` can also start a hub."""
    monkeypatch.setenv("TOCSIN_TOKEN", "a.b.c")
    monkeypatch.setenv("TOCSIN_URL", "http://127.0.0.1:8080")
    watched = terminal()
    assert read(None, watched, {"server.port": 9000}).server.port == 9000
    assert isinstance(watched.err, io.StringIO)
    assert watched.err.getvalue() == ""


@pytest.mark.usefixtures("folder")
def test_a_variable_that_is_nearly_an_option_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is without effect, and whoever set it should know."""
    monkeypatch.setenv("TOCSIN_SERVER_PORT", "9000")
    watched = terminal()
    read(None, watched)
    assert isinstance(watched.err, io.StringIO)
    assert "TOCSIN_SERVER__PORT" in watched.err.getvalue()


def test_every_problem_is_a_line(folder: Path) -> None:
    """All at once, each with its path."""
    (folder / "config.yaml").write_text("server: {port: eighty, prot: 1}\nlimits: {batch: 0}\n")
    with pytest.raises(Failure) as caught:
        read(None, terminal())
    assert caught.value.code is Exit.USAGE
    assert [line.partition(":")[0] for line in sorted(caught.value.lines)] == [
        "limits.batch",
        "server.port",
        "server.prot",
    ]


@pytest.mark.usefixtures("folder")
def test_the_configuration_in_effect_is_yaml_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hub would run with, options from variables included."""
    monkeypatch.setenv("TOCSIN_SERVER__PORT", "9000")
    monkeypatch.setenv("TOCSIN_AUTH__KEYS__0__ID", "main")
    monkeypatch.setenv("TOCSIN_AUTH__KEYS__0__SECRET", "s3cret" * 10)
    parser = argparse.ArgumentParser()
    configuration.configure(parser)
    out = io.StringIO()
    assert configuration.run(parser.parse_args([]), Terminal(out, io.StringIO())) == Exit.OK
    tree = yaml.safe_load(out.getvalue())
    assert tree["server"]["port"] == 9000
    assert tree["auth"]["keys"][0]["id"] == "main"
    assert "s3cret" not in out.getvalue()
