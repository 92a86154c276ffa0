"""Find and read the configuration; `tocsin check-config` prints it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Colour, Terminal
from hub.options import Settings
from hub.settings import SettingsError, Source, describe, load, lookalikes

DEFAULT_FILE = "config.yaml"
FILE_VARIABLE = "TOCSIN_CONFIG"

EXAMPLES = """\
examples:
  tocsin check-config
  tocsin check-config --config /etc/tocsin/config.yaml
  TOCSIN_SERVER__PORT=9000 tocsin check-config
"""


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Add `--config`, which every command that reads the configuration has."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        help=f"configuration file; otherwise ${FILE_VARIABLE}, otherwise ./{DEFAULT_FILE} if it is there",
    )


def find(config: str | None, environment: Mapping[str, str]) -> Source:
    """Say where the configuration is: the option, the variable, the file in the working folder, or nowhere."""
    named = config or environment.get(FILE_VARIABLE)
    default = Path(DEFAULT_FILE)
    path = Path(named) if named else default if default.exists() else None
    return Source(path, environment)


def read(config: str | None, terminal: Terminal, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the configuration, and warn of variables that look like an option and are none.

    Raises:
        Failure: with one line per problem.
    """
    for line in lookalikes(os.environ):
        terminal.tell(f"warning: {line}", Colour.YELLOW)
    try:
        return load(find(config, os.environ), overrides)
    except SettingsError as error:
        raise Failure(Exit.USAGE, error.problems) from None


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `check-config`."""
    add_config_option(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print the configuration in effect as YAML, without secrets; or everything that is wrong with it."""
    terminal.say(describe(read(args.config, terminal)).rstrip("\n"))
    return Exit.OK
