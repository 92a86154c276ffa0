"""Commands of a command."""

from __future__ import annotations

import argparse

import pytest

from hub.cli.subcommands import add_subcommands


def named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")


def nothing(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def addressed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url")


def test_a_command_has_its_own_options_and_those_of_all() -> None:
    """What it does comes with them; one must be named."""
    parser = argparse.ArgumentParser()
    commands = (("add", "add one", named, sum), ("list", "list all", nothing, sorted))
    add_subcommands(parser, commands, addressed, "print JSON")
    given = vars(parser.parse_args(["add", "x", "--url", "u", "--json"]))
    assert given == {"name": "x", "url": "u", "json": True, "work": sum}
    assert vars(parser.parse_args(["list"])) == {"url": None, "json": False, "work": sorted}
    with pytest.raises(SystemExit):
        parser.parse_args([])
