"""`tocsin analyze`: analyse a Git repository on this machine, and tell a hub about it where one is named."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from hub.cli.analyze_relay import TIMEOUT, Relay
from hub.cli.analyze_view import Bar, as_json, as_sarif, lines_of, show_table
from hub.cli.endpoint import endpoint_of, token_of, warning
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Colour, Terminal, visible
from hub.embedded.folder import state_folder
from integrations.code_analysis.analysis import Limits, Request, analyse
from integrations.code_analysis.announcer import Announcer
from integrations.code_analysis.finding import SEVERITIES, Finding
from integrations.code_analysis.git import GitFailed
from integrations.code_analysis.linter import Linter
from integrations.code_analysis.linters.catalog import LINTERS, make_linters
from integrations.code_analysis.process import Bounds
from integrations.code_analysis.report import Report, Watcher
from integrations.code_analysis.store import Store

EXAMPLES = """\
examples:
  tocsin analyze .                                      # the commit that is checked out
  tocsin analyze . --working-tree                       # what lies there now
  tocsin analyze . --since origin/main --fail-on warning
  tocsin analyze /srv/git/name.git --ref v1.4 --sarif > findings.sarif
  tocsin analyze . --url http://127.0.0.1:8080          # and say so on ai_analysis

exit codes: 0 done, 1 a linter failed or the repository can't be read, 5 a finding of the severity of --fail-on.
"""

_KEPT: Final = 100_000
_RESULTS: Final = 200_000
_RESULTS_BYTES: Final = 256 << 20
_PUBLISHED: Final = 200
_INTERVAL: Final = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `analyze`."""
    parser.add_argument("folder", metavar="DIR", help="a repository, or a folder inside of one")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--ref", default="HEAD", help="branch, tag or commit; otherwise what is checked out")
    what.add_argument("--working-tree", action="store_true", help="the files as they lie there, new ones too")
    parser.add_argument("--since", metavar="COMMIT", help="only what differs from this commit")
    parser.add_argument("--only-new", action="store_true", help="show and judge only what wasn't there before")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0")
    parser.add_argument("--fail-on", choices=SEVERITIES, help="exit with 5 on a finding of this severity or worse")
    parser.add_argument("--linters", default=",".join(LINTERS), help=f"some of {','.join(LINTERS)}")
    parser.add_argument(
        "--own-configuration", action="store_true", help="believe the repository's configuration of its linters"
    )
    parser.add_argument("--cache", metavar="FOLDER", help="where results are kept; otherwise the hub's own place")
    parser.add_argument("--no-cache", action="store_true", help="keep nothing, and use nothing that is kept")
    parser.add_argument("--url", help="a hub that is told, too; its token is in $TOCSIN_TOKEN or --token-file")
    parser.add_argument("--token-file", metavar="FILE", help="file with the token")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Analyse; print what was found."""
    try:
        linters = make_linters([name for name in args.linters.split(",") if name], Bounds())
    except ValueError as error:
        raise Failure(Exit.USAGE, f"--linters: {error}") from None
    if not linters:
        raise Failure(Exit.USAGE, "--linters: names none")
    args.path = Path(args.folder).absolute()
    with Bar(terminal) as bar:
        try:
            report = asyncio.run(_analyse(args, terminal, bar, linters))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    findings = [finding for finding in report.findings if not (args.only_new and finding.fingerprint in bar.old)]
    _print(args, terminal, report, findings)
    return _judge(args, terminal, report, findings)


async def _analyse(args: argparse.Namespace, terminal: Terminal, bar: Bar, linters: Sequence[Linter]) -> Report:
    _end_on_sigterm(asyncio.current_task())
    store = Store(_folder(args), entries=_RESULTS, size=_RESULTS_BYTES, now=time.time)
    try:
        if args.url is None:
            return await _work(args, linters, store, bar)
        return await _tell(args, terminal, bar, lambda watcher: _work(args, linters, store, watcher))
    except GitFailed as error:
        raise Failure(Exit.FAILURE, visible(str(error))) from None
    finally:
        await store.close()


def _end_on_sigterm(task: asyncio.Task[Report] | None) -> None:
    """Have SIGTERM do what Ctrl+C does: the linters end with this process."""
    if task is not None and threading.current_thread() is threading.main_thread():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def _folder(args: argparse.Namespace) -> Path | None:
    if args.no_cache:
        return None
    return Path(args.cache) if args.cache else state_folder(os.environ, Path.home()) / "analysis"


async def _work(args: argparse.Namespace, linters: Sequence[Linter], store: Store, watcher: Watcher) -> Report:
    request = Request(args.path, args.ref, args.since, tree=args.working_tree, below=True)
    limits = Limits(findings=_KEPT, own_configuration=args.own_configuration)
    return await analyse(request, linters, store, limits, watcher)


async def _tell(
    args: argparse.Namespace, terminal: Terminal, bar: Bar, work: Callable[[Watcher], Awaitable[Report]]
) -> Report:
    """Do the work, and have a hub told the same messages as if it had done it itself."""
    endpoint, token = endpoint_of(args.url), token_of(args.token_file)
    if text := warning(endpoint, token):
        terminal.tell(text, Colour.YELLOW)
    relay = Relay(endpoint, token)
    sending = asyncio.create_task(relay.run(), name="relay")
    announcer = Announcer(
        relay.put,
        f"a-{secrets.token_hex(8)}",
        args.path.name or "/",
        findings=_PUBLISHED,
        interval=_INTERVAL,
        clock=time.monotonic,
    )
    both = _Both(bar, announcer)
    begun = time.monotonic()
    try:
        report = await work(both)
        announcer.completed(report, time.monotonic() - begun, None, None)
        return report
    except asyncio.CancelledError:
        announcer.cancelled(args.ref, both.report, "interrupted", time.monotonic() - begun)
        raise
    except GitFailed as error:
        announcer.failed(args.ref, both.report, str(error), time.monotonic() - begun)
        raise
    finally:
        relay.close()
        await asyncio.wait([sending], timeout=TIMEOUT)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        if relay.dropped:
            text = f"{relay.dropped} messages did not reach {endpoint.url}: {relay.complaint}"
            terminal.tell(visible(text), Colour.YELLOW)


class _Both:
    """Passes on to the bar and to the hub."""

    def __init__(self, bar: Bar, announcer: Announcer) -> None:
        self._watchers: tuple[Watcher, Watcher] = (bar, announcer)
        self.report: Report | None = None

    def started(self, report: Report) -> None:
        self.report = report
        for watcher in self._watchers:
            watcher.started(report)

    def progressed(self, report: Report, linter: str | None) -> None:
        for watcher in self._watchers:
            watcher.progressed(report, linter)

    def found(self, report: Report, finding: Finding, is_new: bool | None) -> None:
        for watcher in self._watchers:
            watcher.found(report, finding, is_new)


def _print(args: argparse.Namespace, terminal: Terminal, report: Report, findings: Sequence[Finding]) -> None:
    if args.json or args.sarif:
        terminal.say(as_json(report, findings) if args.json else as_sarif(report, findings))
        return
    for line in lines_of(findings, terminal):
        terminal.say(line)
    show_table(report, terminal)


def _judge(args: argparse.Namespace, terminal: Terminal, report: Report, findings: Sequence[Finding]) -> int:
    """Return the exit code: an incomplete analysis is never a success."""
    if args.fail_on is not None:
        judged = SEVERITIES[: SEVERITIES.index(args.fail_on) + 1]
        bad = sum(finding.severity in judged for finding in findings)
        if bad:
            terminal.tell(f"--fail-on {args.fail_on}: {bad} findings", Colour.RED)
            return Exit.UNMET
    if failed := [outcome.name for outcome in report.outcomes if outcome.status == "failed"]:
        terminal.tell(f"not complete: {', '.join(failed)} failed", Colour.RED)
        return Exit.FAILURE
    return Exit.OK
