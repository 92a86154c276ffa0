"""`tocsin tail`: follow channels on a terminal, in a pipe, or in a test."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import signal
from collections.abc import Mapping

from channels.model import START, Position, is_name
from hub.cli.endpoint import add_options, endpoint_of, token_of, warning
from hub.cli.exits import Exit, Failure
from hub.cli.follow import Follower
from hub.cli.listen import Listener, Parts, Target
from hub.cli.tally import Tally
from hub.cli.terminal import Colour, Terminal
from hub.cli.view import View

EXAMPLES = """\
examples:
  tocsin tail                                          # lists the channels
  tocsin tail system_alerts db_pool_stats
  tocsin tail error_firewall --from-start | jq .data   # one JSON object a line
  tocsin tail error_firewall --since p3kq9x:42
  tocsin tail system_alerts --expect 3 --timeout 10    # exits 0 after 3 messages without a gap, else 5

Ctrl+C ends it with a summary and exit code 0.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `tail`."""
    parser.add_argument("channels", nargs="*", metavar="CHANNEL", help="channels to follow; none lists those there are")
    add_options(parser)
    parser.add_argument("--client-id", metavar="NAME", help="this client's name; otherwise one is made up")
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--since",
        action="append",
        default=[],
        metavar="[CHANNEL=]EPOCH:OFFSET",
        help="replay what came after this position; name the channel when there are several",
    )
    start.add_argument("--from-start", action="store_true", help="replay all that history holds")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, as in a pipe")
    parser.add_argument("--presence", action="store_true", help="also show who joins and leaves")
    parser.add_argument("--expect", type=_count, default=0, metavar="N", help="end after N messages; fail on a gap")
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="end after S seconds; fails an unmet --expect")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Follow channels until Ctrl+C, SIGTERM, `--expect` or `--timeout`."""
    endpoint = endpoint_of(args.url)
    client_id = args.client_id or f"tail-{secrets.token_hex(4)}"
    if not is_name(client_id):
        raise Failure(Exit.USAGE, f"--client-id: expected 1 to 128 of A-Z a-z 0-9 . _ : @ -, got {client_id!r}")
    if args.expect and not args.channels:
        raise Failure(Exit.USAGE, "--expect: name the channels to follow")
    follower = Follower(args.channels, starts(args.channels, args.since, args.from_start), args.presence)
    if text := warning(endpoint, token_of(args.token_file)):
        terminal.tell(text, Colour.YELLOW)
    view = View(terminal, args.channels, args.json or not terminal.interactive)
    tally = Tally(args.expect)
    target = Target(endpoint, client_id, lambda: token_of(args.token_file))
    listener = Listener(target, Parts(follower, tally, view), only_list=not args.channels)
    asyncio.run(_listen(listener, args.timeout))
    if not args.channels:
        return _list(listener.channels, terminal)
    return _conclude(tally, terminal)


def starts(channels: list[str], since: list[str], from_start: bool) -> Mapping[str, Position]:
    """Read where to begin, per channel.

    Raises:
        Failure: a position that is none, or of no channel.
    """
    if from_start:
        return dict.fromkeys(channels, START)
    positions = {}
    for text in since:
        name, named, position = text.rpartition("=")
        epoch, colon, offset = position.rpartition(":")
        if not (colon and epoch and offset.isdecimal() and offset.isascii()):
            raise Failure(Exit.USAGE, f"--since: expected EPOCH:OFFSET such as p3kq9x:42, got {position!r}")
        if not named and len(channels) != 1:
            raise Failure(Exit.USAGE, f"--since: with {len(channels)} channels, say of which: CHANNEL={position}")
        channel = name if named else channels[0]
        if channel not in channels:
            raise Failure(Exit.USAGE, f"--since: {channel} is not among the channels to follow")
        positions[channel] = Position(epoch, int(offset))
    return positions


async def _listen(listener: Listener, timeout: float | None) -> None:
    """Run the listener until it ends, is told to by a signal, or time is up."""
    task = asyncio.create_task(listener.run(), name="tail")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout)
        if not done:
            task.cancel()
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _list(channels: list[str], terminal: Terminal) -> int:
    for name in channels:
        terminal.say(name)
    return Exit.OK


def _conclude(tally: Tally, terminal: Terminal) -> int:
    terminal.tell(tally.summary(), Colour.GREY)
    if tally.expected and not tally.is_met:
        raise Failure(Exit.UNMET, tally.missing())
    return Exit.OK


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of messages from 1 on, got {text}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"expected a time in seconds above 0, got {text}")
    return seconds
