"""`tocsin firewall`: ask and govern the error firewall of a running hub."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hub.cli.endpoint import add_options, endpoint_of, token_of, warning
from hub.cli.exits import Exit
from hub.cli.firewall_requests import Firewall, values_of
from hub.cli.firewall_view import (
    entry_lines,
    numbers_table,
    records_table,
    rules_table,
    show,
    verdict_lines,
    verdicts_table,
)
from hub.cli.subcommands import add_subcommands
from hub.cli.terminal import Colour, Terminal, let_go_of_output, visible

EXAMPLES = """\
examples:
  tocsin firewall check ios_build device='iPhone 15' os_version=17.0 && xcodebuild ...
  tocsin firewall record ios_build DeviceNotFound 'no such device' device='iPhone 15' os_version=17.0
  tocsin firewall list --status observed
  tocsin firewall confirm ios-build-devicenotfound-7c1d4e9a --solution 'iPhone 15 Pro, 17.2'
  tocsin firewall show ios-build-devicenotfound-7c1d4e9a
  tocsin firewall stats

`check` exits with 0 when the operation may run, also with a warning, and with 6 when it is blocked. Parameters are
NAME=TEXT or NAME:=JSON. `tocsin firewall COMMAND --help` explains each command.
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a command works with."""

    args: argparse.Namespace
    firewall: Firewall
    terminal: Terminal

    def say(self, answer: Mapping[str, Any], lines: Callable[[], list[str]]) -> None:
        """Print an answer as JSON where that is asked for, and as lines otherwise."""
        if self.args.json:
            self.terminal.say(json.dumps(answer, ensure_ascii=False))
        else:
            for line in lines():
                self.terminal.say(line)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the commands of `firewall` and their options."""
    add_subcommands(parser, _COMMANDS, add_options, "print the hub's answer as one JSON object")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do what is asked; return the exit code."""
    endpoint, token = endpoint_of(args.url), token_of(args.token_file)
    if text := warning(endpoint, token):
        terminal.tell(text, Colour.YELLOW)
    work: Callable[[_Asked], Exit] = args.work
    return work(_Asked(args, Firewall(endpoint, token), terminal))


def _configure_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION", help="what is about to run, such as ios_build")
    _add_values(parser)


def _add_values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("params", nargs="*", metavar="NAME=TEXT", help="parameters; NAME:=JSON for what is no text")
    parser.add_argument(
        "--context", action="append", default=[], metavar="NAME=TEXT", help="what is known about the call besides"
    )


def _call(args: argparse.Namespace) -> dict[str, Any]:
    params, context = values_of("parameter", args.params), values_of("--context", args.context)
    return {"operation": args.operation, "params": params, "context": context}


def _check(asked: _Asked) -> Exit:
    return _told(asked, asked.firewall.post("/check", _call(asked.args)))


def _told(asked: _Asked, verdict: Mapping[str, Any]) -> Exit:
    """Print a verdict. A block is one also when nobody reads to its end: a script goes by the exit code."""
    try:
        asked.say(verdict, lambda: verdict_lines(verdict, asked.terminal))
    except BrokenPipeError:
        let_go_of_output()
    return Exit.BLOCKED if verdict.get("decision") == "block" else Exit.OK


def _configure_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION", help="what failed, such as ios_build")
    parser.add_argument("error_type", metavar="TYPE", help="type of the error, such as DeviceNotFound")
    parser.add_argument("message", metavar="MESSAGE", help="text of the error")
    _add_values(parser)
    parser.add_argument("--solution", metavar="TEXT", help="what to do instead")


def _record(asked: _Asked) -> Exit:
    args = asked.args
    solution = None if args.solution is None else {"text": args.solution}
    given = {"error_type": args.error_type, "message": args.message, "solution": solution}
    record = asked.firewall.post("/records", _call(args) | given)
    seen = record.get("occurrences")
    asked.say(record, lambda: [visible(f"recorded as {record.get('id')} ({record.get('status')}), seen {seen} times")])
    return Exit.OK


def _configure_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", choices=("observed", "suggested", "confirmed", "retired"))
    parser.add_argument("--operation")
    parser.add_argument("--text", help="in id, type, message or solution")
    parser.add_argument("--limit", type=int, default=50, help="records at most")
    parser.add_argument("--offset", type=int, default=0, help="records to leave out at the beginning")


def _list(asked: _Asked) -> Exit:
    args = asked.args
    answer = asked.firewall.get(
        "/records",
        status=args.status,
        operation=args.operation,
        text=args.text,
        limit=args.limit,
        offset=args.offset,
    )
    if args.json:
        asked.say(answer, list)
    else:
        show(records_table(answer.get("records", ())), asked.terminal)
        asked.terminal.tell(f"{len(answer.get('records', ()))} of {answer.get('total')} records", Colour.GREY)
    return Exit.OK


def _configure_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the record")


def _show(asked: _Asked) -> Exit:
    answer = asked.firewall.get(f"/records/{quote(asked.args.id, safe='')}")
    asked.say(answer, lambda: entry_lines(answer["record"]))
    if not asked.args.json and answer.get("verdicts"):
        show(verdicts_table(answer["verdicts"]), asked.terminal)
    return Exit.OK


def _configure_change(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    parser.add_argument("--reason", help="why; it is kept")


def _configure_step(parser: argparse.ArgumentParser) -> None:
    _configure_change(parser)
    parser.add_argument("--rule", action="store_true", help="ID is a rule's")


def _configure_confirm(parser: argparse.ArgumentParser) -> None:
    _configure_step(parser)
    parser.add_argument("--solution", metavar="TEXT", help="what to do instead, if it isn't known yet")
    parser.add_argument(
        "--force", action="store_true", default=None, help="also when it would have blocked calls that succeeded lately"
    )


def _configure_suggest(parser: argparse.ArgumentParser) -> None:
    _configure_change(parser)
    parser.add_argument("--solution", metavar="TEXT", help="what to do instead, if it isn't known yet")


def _change(step: str) -> Callable[[_Asked], Exit]:
    def work(asked: _Asked) -> Exit:
        args = asked.args
        body: dict[str, Any] = {"reason": args.reason, "force": getattr(args, "force", None)}
        if getattr(args, "solution", None) is not None:
            body["solution"] = {"text": args.solution}
        kind = "rules" if getattr(args, "rule", False) else "records"
        record = asked.firewall.post(f"/{kind}/{quote(args.id, safe='')}/{step}", body)
        asked.say(record, lambda: [visible(f"{record.get('id')} is {record.get('status')}")])
        return Exit.OK

    return work


def _configure_outcome(parser: argparse.ArgumentParser) -> None:
    _configure_change(parser)
    parser.add_argument(
        "kind",
        choices=("worked", "did_not", "repeated", "false_block"),
        help="the solution worked, or did not; it ran and failed again; it was stopped and would have worked",
    )
    parser.add_argument("--check-id", metavar="CHECK", help="the check that it belongs to")


def _outcome(asked: _Asked) -> Exit:
    args = asked.args
    body = {"kind": args.kind, "reason": args.reason, "check_id": args.check_id}
    record = asked.firewall.post(f"/records/{quote(args.id, safe='')}/outcomes", body)
    asked.say(record, lambda: entry_lines(record))
    return Exit.OK


def _configure_override(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("operation", metavar="OPERATION")
    _add_values(parser)
    parser.add_argument("--reason", required=True, help="why it is to run all the same; it is kept")


def _override(asked: _Asked) -> Exit:
    return _told(asked, asked.firewall.post("/override", _call(asked.args) | {"reason": asked.args.reason}))


def _configure_verdicts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--operation")
    parser.add_argument("--entry", metavar="ID", help="the record or rule that matched")
    parser.add_argument("--decision", choices=("allow", "warn", "block"))
    parser.add_argument("--limit", type=int, default=50, help="verdicts at most")


def _verdicts(asked: _Asked) -> Exit:
    args = asked.args
    answer = asked.firewall.get(
        "/verdicts", operation=args.operation, entry=args.entry, decision=args.decision, limit=args.limit
    )
    if args.json:
        asked.say(answer, list)
    else:
        show(verdicts_table(answer.get("verdicts", ())), asked.terminal)
    return Exit.OK


def _stats(asked: _Asked) -> Exit:
    answer = asked.firewall.get("/stats")
    if asked.args.json:
        asked.say(answer, list)
    else:
        show(numbers_table(answer), asked.terminal)
    return Exit.OK


def _rules(asked: _Asked) -> Exit:
    answer = asked.firewall.get("/rules")
    if asked.args.json:
        asked.say(answer, list)
    else:
        show(rules_table(answer.get("rules", ())), asked.terminal)
    return Exit.OK


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


_COMMANDS = (
    ("check", "ask whether an operation may run; exit with 6 when it is blocked", _configure_check, _check),
    ("record", "record an error", _configure_record, _record),
    ("list", "list records", _configure_list, _list),
    ("show", "show a record with its newest verdicts", _configure_one, _show),
    ("suggest", "propose a record for confirmation", _configure_suggest, _change("suggest")),
    ("confirm", "confirm a record: from now on it blocks", _configure_confirm, _change("confirm")),
    ("retire", "retire a record: from now on it says nothing", _configure_step, _change("retire")),
    ("outcome", "report what became of a block or a solution", _configure_outcome, _outcome),
    ("override", "let a blocked operation run, with a reason", _configure_override, _override),
    ("verdicts", "list verdicts out of the books", _configure_verdicts, _verdicts),
    ("rules", "list rules with their conditions", _nothing, _rules),
    ("stats", "print the firewall's numbers", _nothing, _stats),
)
