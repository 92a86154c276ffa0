"""The command's front: its subcommands, their help, and one place where failures become words and exit codes."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from hub.cli import analyze, ask, bench, configuration, demo, firewall, publish, serve, tail, tokens, train
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


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One command of `tocsin`."""

    name: str
    purpose: str
    examples: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Terminal], int]


def _bench(args: argparse.Namespace, terminal: Terminal) -> int:
    return bench.run(args.arguments, terminal)


def _configure_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="for the benchmarks")


SUBCOMMANDS = (
    Subcommand("serve", "start a hub", serve.EXAMPLES, serve.configure, serve.run),
    Subcommand(
        "check-config",
        "print the configuration in effect, or all that is wrong with it",
        configuration.EXAMPLES,
        configuration.configure,
        configuration.run,
    ),
    Subcommand("token", "sign a token, or make a key", tokens.EXAMPLES, tokens.configure, tokens.run),
    Subcommand("publish", "publish one message", publish.EXAMPLES, publish.configure, publish.run),
    Subcommand("tail", "follow channels", tail.EXAMPLES, tail.configure, tail.run),
    Subcommand("firewall", "ask and govern the error firewall", firewall.EXAMPLES, firewall.configure, firewall.run),
    Subcommand("analyze", "analyse a Git repository", analyze.EXAMPLES, analyze.configure, analyze.run),
    Subcommand("train", "train the documents of a folder", train.EXAMPLES, train.configure, train.run),
    Subcommand("ask", "ask what was trained", ask.EXAMPLES, ask.configure, ask.run),
    Subcommand("demo", "show every channel at work", demo.EXAMPLES, demo.configure, demo.run),
    Subcommand("bench", "measure the hub on this machine", bench.EXAMPLES, _configure_bench, _bench),
)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all subcommands."""
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
            epilog=sub.examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        sub.configure(child)
        child.set_defaults(run=sub.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. Wrong usage ends the process with 2, as argparse does."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _speak_unicode()
    terminal = Terminal.of(sys.stdout, sys.stderr, os.environ)
    try:
        if arguments[:1] == ["bench"]:
            # Everything after the word belongs to the benchmarks, --help too.
            return bench.run(arguments[1:], terminal)
        args = build_parser().parse_args(arguments)
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
