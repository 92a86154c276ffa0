"""`tocsin publish`: publish one message over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from hub.cli.endpoint import Endpoint, add_options, endpoint_of, token_of, warning
from hub.cli.exits import Exit, Failure
from hub.cli.request import object_of, request
from hub.cli.stream import position_of
from hub.cli.tally import show
from hub.cli.terminal import Colour, Terminal, visible

TIMEOUT = 30.0
"""Seconds for the whole request."""
PATH = "/api/publish"

EXAMPLES = """\
examples:
  tocsin publish system_alerts alert '{"level": "warning", "text": "disk 91 % full"}'
  ./report.sh | tocsin publish ai_analysis progress -      # JSON from standard input
  TOCSIN_TOKEN=$(tocsin token --user ops --publish deploys) tocsin publish deploys started '{"version": "1.4"}'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `publish`."""
    parser.add_argument("channel", metavar="CHANNEL")
    parser.add_argument("type", metavar="TYPE", help="what kind of message, such as alert")
    parser.add_argument("data", metavar="JSON", help="the data; - reads it from standard input")
    add_options(parser)
    parser.add_argument("--key", help="conflation key, on a channel with conflate: key")
    parser.add_argument("--idempotency-key", metavar="KEY", help="publishing again with the same key changes nothing")
    parser.add_argument(
        "--data-version", metavar="N", type=int, help="not published unless it is newer than the channel's newest"
    )


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Publish; print where it went."""
    message = {"channel": args.channel, "type": args.type, "data": data_of(args.data)}
    optional = {"key": args.key, "idempotency_key": args.idempotency_key, "version": args.data_version}
    message |= {name: value for name, value in optional.items() if value is not None}
    endpoint, token = endpoint_of(args.url), token_of(args.token_file)
    if text := warning(endpoint, token):
        terminal.tell(text, Colour.YELLOW)
    content = asyncio.run(request(endpoint, token, "POST", PATH, timeout=TIMEOUT, body=message, failure=_unanswered))
    terminal.say(report(args.channel, object_of(content, endpoint)))
    return Exit.OK


def data_of(text: str) -> Any:
    """Read the data, as an argument or from standard input.

    Raises:
        Failure: it is not JSON.
    """
    try:
        return json.loads(sys.stdin.buffer.read() if text == "-" else text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Failure(Exit.USAGE, f"JSON: {error}; a string needs quotes of its own: '\"text\"'") from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _unanswered(endpoint: Endpoint, why: str) -> Failure:
    again = "the message may have been published; publish it again with the same --idempotency-key"
    return Failure(Exit.UNREACHABLE, (f"{endpoint.url}: {why}", again))


def report(channel: str, answer: Mapping[str, Any]) -> str:
    """Say where a message went."""
    position, count = position_of(answer), answer.get("subscribers")
    if answer.get("superseded") is True:
        return visible(f"not published: {channel} has this version or a newer one")
    if answer.get("queued") is True:
        return visible(f"accepted for {channel}; published when the hub has its broker back")
    line = f"published on {channel}" + (f" at {show(position)}" if position else "")
    if answer.get("duplicate") is True:
        return visible(f"{line} before, with the same idempotency key; nothing was delivered again")
    return visible(f"{line}, {count} subscriber{'' if count == 1 else 's'}")
