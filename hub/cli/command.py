"""The command's front: its subcommands, their help, and one place where failures become words and exit codes."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import Protocol, cast

from hub.cli import bench
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Colour, Terminal, let_go_of_output

EPILOG = """\
examples:
  tocsin serve                                             # a hub on http://127.0.0.1:8080
  tocsin tail system_alerts                                # in a second terminal
  tocsin publish system_alerts alert '{"text": "hello"}'   # in a third

exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 can't listen or connect, 4 refused,
5 tail --expect not met, 6 firewall check: blocked, 130 interrupted.
`tocsin COMMAND --help` has examples of each command.
"""


class Implementation(Protocol):
    """What a subcommand's module has."""

    EXAMPLES: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace, terminal: Terminal) -> int: ...


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One command of `tocsin`.

    Attributes:
        module: its module in `hub.cli`. Only that of the command that is called is imported: all of them are the hub,
            its integrations and their libraries, and take a second.
    """

    name: str
    purpose: str
    module: str

    def load(self) -> Implementation:
        """Import what is behind it."""
        return cast(Implementation, import_module(f"hub.cli.{self.module}"))


SUBCOMMANDS = (
    Subcommand("serve", "start a hub", "serve"),
    Subcommand("check-config", "print the configuration in effect, or all that is wrong with it", "configuration"),
    Subcommand("token", "sign a token, or make a key", "tokens"),
    Subcommand("account", "list and change accounts of users", "account"),
    Subcommand("publish", "publish one message", "publish"),
    Subcommand("tail", "follow channels", "tail"),
    Subcommand("why", "tell why a user did not get a message", "why"),
    Subcommand("firewall", "ask and govern the error firewall", "firewall"),
    Subcommand("analyze", "analyse a Git repository", "analyze"),
    Subcommand("train", "train the documents of a folder", "train"),
    Subcommand("ask", "ask what was trained", "ask"),
    Subcommand("demo", "show every channel at work", "demo"),
    Subcommand("bench", "measure the hub on this machine", "bench"),
)


def build_parser(called: str | None = None) -> argparse.ArgumentParser:
    """Build the parser: all subcommands by name, with the options of the one that is `called`, or of all."""
    parser = argparse.ArgumentParser(
        prog="tocsin",
        description="A real-time notification hub.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tocsin {version('tocsin')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for sub in SUBCOMMANDS:
        child = commands.add_parser(
            sub.name,
            help=sub.purpose,
            description=f"{sub.purpose[0].upper()}{sub.purpose[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if called in (None, sub.name):
            behind = sub.load()
            child.epilog = behind.EXAMPLES
            behind.configure(child)
            child.set_defaults(run=behind.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. Wrong usage ends the process with 2, as argparse does."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _speak_unicode()
    terminal = Terminal.of(sys.stdout, sys.stderr, os.environ)
    try:
        if arguments[:1] == ["bench"]:
            # Everything after the word belongs to the benchmarks, --help too.
            return bench.run(argparse.Namespace(arguments=arguments[1:]), terminal)
        # Nothing but options of `tocsin` itself may stand before the command, and none of them takes a value.
        called = next((word for word in arguments if not word.startswith("-")), "")
        args = build_parser(called).parse_args(arguments)
        code: int = args.run(args, terminal)
        return code
    except Failure as failure:
        for line in failure.lines:
            terminal.tell(line, Colour.RED)
        return failure.code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        let_go_of_output()
        return Exit.OK


def _speak_unicode() -> None:
    """Let no character fail: a pipe gets UTF-8 in every locale, a terminal shows escapes for what it lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
