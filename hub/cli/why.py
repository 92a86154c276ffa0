"""`tocsin why`: tell why a user did not get a message."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Any

from hub.cli.endpoint import add_options, endpoint_of, token_of, warning
from hub.cli.exits import Exit
from hub.cli.request import object_of, request
from hub.cli.terminal import Colour, Terminal, visible

TIMEOUT = 30.0
"""Seconds for the whole request."""
PATH = "/api/deliveries"

_GOOD = frozenset({"delivered", "replayed"})

EXAMPLES = """\
examples:
  tocsin why alice system_alerts 42
  tocsin why alice system_alerts --last 5
  tocsin why browser-7 system_alerts 42 --by client-id --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `why`."""
    parser.add_argument("whom", metavar="USER", help="or a client id, or a session: see --by")
    parser.add_argument("channel", metavar="CHANNEL")
    parser.add_argument("offset", metavar="OFFSET", nargs="?", type=int, help="without it the newest publications")
    parser.add_argument("--by", choices=("user", "client-id", "session"), default="user", help="what USER is")
    parser.add_argument("--epoch", help="of the offset, if it isn't the channel's epoch now")
    parser.add_argument("--last", metavar="N", type=int, default=1, help="how many of the newest (default: 1)")
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the hub's answer as one JSON object")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Ask; print verdicts, and what they rest on."""
    endpoint, token = endpoint_of(args.url), token_of(args.token_file)
    if text := warning(endpoint, token):
        terminal.tell(text, Colour.YELLOW)
    query = query_of(args)
    answer = object_of(asyncio.run(request(endpoint, token, "GET", PATH, timeout=TIMEOUT, query=query)), endpoint)
    if args.json:
        terminal.say(json.dumps(answer, ensure_ascii=False))
        return Exit.OK
    for delivery in answer.get("deliveries", []):
        _show(delivery, terminal)
    if answer.get("partial"):
        missing = ", ".join(answer.get("missing", [])) or "some"
        terminal.tell(visible(f"not the whole truth: these processes did not answer: {missing}"), Colour.YELLOW)
    return Exit.OK


def query_of(args: argparse.Namespace) -> dict[str, str]:
    """Return the question as it stands in the URL."""
    query = {args.by.replace("-", "_"): args.whom, "channel": args.channel, "limit": str(args.last)}
    if args.offset is not None:
        query["offset"] = str(args.offset)
    if args.epoch is not None:
        query["epoch"] = args.epoch
    return query


def _show(delivery: Mapping[str, Any], terminal: Terminal) -> None:
    publication, verdict = delivery["publication"], delivery["verdict"]
    place = f"{publication['epoch']}:{publication['offset']}"
    word = terminal.paint(visible(verdict), Colour.GREEN if verdict in _GOOD else Colour.RED)
    terminal.say(f"{visible(place)}  {word}  {visible(delivery['explanation'])}")
    for evidence in delivery["evidence"]:
        if evidence["explanation"] not in delivery["explanation"]:
            terminal.say(visible(f"  {evidence['verdict']}  {evidence['explanation']}"))
