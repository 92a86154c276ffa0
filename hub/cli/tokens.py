"""`tocsin token`: sign tokens with the configured key, and make keys."""

from __future__ import annotations

import argparse
import re
import secrets

from channels.clock import SystemClock
from hub.auth import Grants, sign
from hub.cli.configuration import add_config_option, read
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal

KEY_BYTES = 48
"""Randomness of a new key: more than HS256 can use."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

EXAMPLES = """\
examples:
  tocsin token --new-key                                     # once: a key, and how to configure it
  tocsin token --user alice
  tocsin token --user ci --publish deploys --lifetime 12h
  tocsin token --user ops --subscribe '*' --admin > ops.token
"""

HOW_TO_CONFIGURE = """\
This is a new key. Whoever has it can sign tokens: keep it secret, and out of source control. Give it to the hub by

  variables:    TOCSIN_AUTH__KEYS__0__ID=main  TOCSIN_AUTH__KEYS__0__SECRET=THE_KEY
  config.yaml:  auth: {keys: [{id: main, secret_file: FILE}]}    with the key in FILE"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `token`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--user", metavar="U", help="whose token it is")
    what.add_argument("--new-key", action="store_true", help="make a random key instead of a token")
    add_config_option(parser)
    names = "channels, patterns such as 'deploy*', or '*'"
    grants = parser.add_argument_group("grants", "beyond what everyone, or this user, may do anyway")
    grants.add_argument("--subscribe", nargs="+", action="extend", default=[], metavar="C", help=names)
    grants.add_argument("--publish", nargs="+", action="extend", default=[], metavar="C", help=names)
    grants.add_argument("--history", nargs="+", action="extend", default=[], metavar="C", help=names)
    grants.add_argument("--presence", nargs="+", action="extend", default=[], metavar="C", help=names)
    grants.add_argument("--room", nargs="+", action="extend", default=[], metavar="R", help="all of these on room:R")
    grants.add_argument("--admin", action="store_true", help="the operators' API")
    parser.add_argument("--lifetime", type=seconds, default="30m", metavar="T", help="such as 90s, 30m, 12h, 7d (30m)")
    parser.add_argument("--key", metavar="ID", help="key to sign with; otherwise the first of auth.keys")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Print a token and nothing else; or a new key."""
    if args.new_key:
        terminal.say(secrets.token_urlsafe(KEY_BYTES))
        terminal.tell(HOW_TO_CONFIGURE)
        return Exit.OK
    options = read(args.config, terminal).auth
    if not options.keys:
        raise Failure(
            Exit.USAGE, "auth.keys: is empty, so there is nothing to sign with; `tocsin token --new-key` makes a key"
        )
    grants = Grants(
        subscribe=tuple(args.subscribe),
        publish=tuple(args.publish),
        history=tuple(args.history),
        presence=tuple(args.presence),
        rooms=tuple(args.room),
        admin=args.admin,
    )
    try:
        token = sign(args.user, grants, options=options, clock=SystemClock(), lifetime=args.lifetime, key_id=args.key)
    except ValueError as error:
        raise Failure(Exit.USAGE, str(error)) from None
    terminal.say(token)
    return Exit.OK


def seconds(text: str) -> float:
    """Read a time such as `30m`."""
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if found is None or int(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"expected a number and s, m, h or d, such as 30m; got {text}")
    return float(int(found[1]) * _UNITS[found[2]])
