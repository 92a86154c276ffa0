"""`tocsin account`: accounts of a hub's users, for operators on the hub's machine."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from hub.adapters.agents.administration import Administration, Overview, shown
from hub.cli.account_work import address_of, end_tokens, on_accounts
from hub.cli.configuration import add_config_option, read
from hub.cli.endpoint import URL_VARIABLE, endpoint_of
from hub.cli.exits import Exit, Failure
from hub.cli.firewall_view import show
from hub.cli.password import add_password_option, password_of
from hub.cli.subcommands import add_subcommands
from hub.cli.terminal import Colour, Terminal, visible
from hub.options import Settings

EXAMPLES = """\
examples:
  tocsin account list
  tocsin account reset-password ada@example.org          # asks for the new password
  tocsin account create ada@example.org --name Ada --password-file ada.txt
  tocsin account disable ada@example.org                 # and enable
  tocsin account sign-out ada@example.org

It works on the database of the configuration, as the user that the hub runs as; an embedded database needs the hub to
run. WHO is an e-mail address or an id. Passwords are never arguments: they are asked for, or come from standard input
or a file.
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a command works with."""

    args: argparse.Namespace
    settings: Settings
    terminal: Terminal

    def work(self, work: Callable[[Administration], Awaitable[Overview]], done: str) -> Overview:
        """Do something to one account, and say what became of it."""
        found = on_accounts(self.settings, work)
        if self.args.json:
            self.terminal.say(json.dumps(shown(found), ensure_ascii=False))
        else:
            account = found.account
            self.terminal.say(visible(f"{account.email or account.subject}: {done}"))
        return found


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the commands of `account` and their options."""
    add_subcommands(parser, _COMMANDS, add_config_option, "print one JSON object")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do what is asked; return the exit code."""
    work: Callable[[_Asked], None] = args.work
    work(_Asked(args, read(args.config, terminal), terminal))
    return Exit.OK


def _configure_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", default="", metavar="TEXT", help="in address, name or subject")
    parser.add_argument("--limit", type=int, default=100, help="accounts at most (100)")


def _list(asked: _Asked) -> None:
    args = asked.args
    if args.limit < 1:
        raise Failure(Exit.USAGE, f"--limit: expected a number from 1 on, got {args.limit}")
    found = on_accounts(asked.settings, lambda accounts: accounts.list(args.text, args.limit))
    if args.json:
        asked.terminal.say(json.dumps({"items": [shown(each) for each in found]}, ensure_ascii=False))
    else:
        show(_table(found), asked.terminal)
        asked.terminal.tell(f"{len(found)} account{'' if len(found) == 1 else 's'}", Colour.GREY)


def _table(found: Sequence[Overview]) -> Table:
    table = Table("account", "name", "state", "sign-ins", "refreshed", "made", "id", box=None, header_style="bold")
    for each in found:
        fields = shown(each)
        row = (fields["email"] or fields["subject"], *(fields[name] for name in ("name", "state", "sign_ins")))
        times = (str(fields["refreshed_at"] or "-")[:16], str(fields["created_at"])[:16])
        table.add_row(*(Text(visible(str(value))) for value in (*row, *times, fields["id"])))
    return table


def _configure_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("who", metavar="WHO", help="e-mail address or id")


def _show(asked: _Asked) -> None:
    found = on_accounts(asked.settings, lambda accounts: accounts.get(asked.args.who))
    if asked.args.json:
        asked.terminal.say(json.dumps(shown(found), ensure_ascii=False))
    else:
        for name, value in shown(found).items():
            asked.terminal.say(visible(f"{name}: {'-' if value is None else value}"))


def _configure_create(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="address to sign in with")
    parser.add_argument("--name", default="", help="for people")
    add_password_option(parser)


def _create(asked: _Asked) -> None:
    args, password = asked.args, password_of(asked.args.password_file)
    asked.work(lambda accounts: accounts.create(args.email, password, args.name), "made")


def _configure_ending(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    parser.add_argument(
        "--url", help=f"hub that ends access tokens and connections; otherwise ${URL_VARIABLE}, otherwise server.port"
    )


def _configure_reset(parser: argparse.ArgumentParser) -> None:
    _configure_ending(parser)
    add_password_option(parser)


def _reset_password(asked: _Asked) -> None:
    who = asked.args.who
    on_accounts(asked.settings, lambda accounts: accounts.get(who))  # before somebody thinks of a password
    password = password_of(asked.args.password_file)
    _end(asked, asked.work(lambda accounts: accounts.reset_password(who, password), "has the new password"))


def _disable(asked: _Asked) -> None:
    _end(asked, asked.work(lambda accounts: accounts.disable(asked.args.who), "disabled"))


def _enable(asked: _Asked) -> None:
    asked.work(lambda accounts: accounts.enable(asked.args.who), "enabled")


def _sign_out(asked: _Asked) -> None:
    _end(asked, asked.work(lambda accounts: accounts.sign_out(asked.args.who), "signed out everywhere"))


def _end(asked: _Asked, found: Overview) -> None:
    """End what refresh tokens gave, at the hub; one that isn't there is told of, and is no failure."""
    settings = asked.settings
    endpoint = endpoint_of(asked.args.url or os.environ.get(URL_VARIABLE) or address_of(settings))
    try:
        end_tokens(settings, endpoint, found.account.subject)
    except Failure as failure:
        lifetime = min(settings.agents.accounts.access_lifetime, settings.auth.max_lifetime)
        lines = (
            f"warning: no hub was told (--url): {failure.lines[0]}",
            f"no sign-in can be refreshed; one that runs elsewhere takes access tokens for {lifetime:.0f} s at most",
        )
        for line in lines:
            asked.terminal.tell(line, Colour.YELLOW)


_COMMANDS = (
    ("list", "list accounts, the newest first", _configure_list, _list),
    ("show", "show an account", _configure_one, _show),
    ("create", "make an account, also where registration is closed", _configure_create, _create),
    ("reset-password", "give an account another password, and sign it out", _configure_reset, _reset_password),
    ("disable", "let nobody sign in to an account, and sign it out", _configure_ending, _disable),
    ("enable", "let a disabled account sign in again", _configure_one, _enable),
    ("sign-out", "end all sign-ins of an account", _configure_ending, _sign_out),
)
