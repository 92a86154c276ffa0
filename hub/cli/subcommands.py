"""Commands of a command, such as `tocsin firewall check`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

Declaring = Callable[[argparse.ArgumentParser], None]


def add_subcommands(
    parser: argparse.ArgumentParser,
    commands: Iterable[tuple[str, str, Declaring, Callable[..., Any]]],
    add_options: Declaring,
    json_help: str,
) -> None:
    """Declare commands, of which one must be named. What it does is in `work` then.

    Args:
        commands: of each its name, its purpose, what declares its own options, and what it does.
        add_options: declares what all of them have besides `--json`.
        json_help: what `--json` prints.
    """
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, purpose, configure, work in commands:
        command = parsers.add_parser(
            name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", allow_abbrev=False
        )
        configure(command)
        add_options(command)
        command.add_argument("--json", action="store_true", help=json_help)
        command.set_defaults(work=work)
