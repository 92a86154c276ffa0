"""`tocsin train`: train the documents of a folder on this machine, and show how far it is."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import Any

from hub.adapters.rag_options import documents_of, missing_libraries, trainer_options
from hub.cli.configuration import add_config_option, read
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Colour, Terminal, visible
from hub.cli.train_view import Bars, JsonLines, Lines, View
from hub.cli.train_work import train
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.reports import TrainingReport

EXAMPLES = """\
examples:
  tocsin train documents                                    # into the library that a hub on this machine asks
  tocsin train documents --library documents.sqlite --reports reports
  tocsin train documents --json | jq -r 'select(.status == "failed") | .log'
  tocsin ask 'How thick are the bed joints?' --library documents.sqlite

Ctrl+C ends it after the stage that is at work, twice at once. The same command goes on, also after a kill.
exit codes: 0 complete, 1 failed, 2 wrong usage, 5 --strict and a file failed, 130 interrupted.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `train`."""
    parser.add_argument("folder", metavar="DIR", help="folder with documents")
    parser.add_argument("--library", metavar="FILE", help="library; otherwise the hub's, in rag_trainer.folder")
    parser.add_argument("--reports", metavar="FOLDER", help="where the job's report goes; otherwise beside the library")
    parser.add_argument("--ocr", action="store_true", help="read images and scanned pages; needs the extra `ocr`")
    parser.add_argument("--json", action="store_true", help="print every update as a JSON object on a line of its own")
    parser.add_argument("--strict", action="store_true", help="exit with 5 if a file failed")
    add_config_option(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Train, and show it."""
    options, files = _what(args, terminal)
    if missing := missing_libraries():
        raise Failure(
            Exit.FAILURE, f'training needs the extra `rag` ({", ".join(missing)} missing): pip install "tocsin[rag]"'
        )
    view = _view(args, terminal)
    try:
        with view:
            report = asyncio.run(train(options, files, view))
    except KeyboardInterrupt:
        terminal.tell("ended in the middle of a stage; the same command goes on", Colour.YELLOW)
        return Exit.INTERRUPTED
    return _judge(args, terminal, report, options.library)


def _what(args: argparse.Namespace, terminal: Terminal) -> tuple[TrainerOptions, tuple[str, ...] | None]:
    """Say what is trained. In the hub's library, documents are called as the hub calls them, so that none takes the
    place of another: by their path below the hub's folder of documents, or else by their whole path."""
    section = read(args.config, terminal).rag_trainer
    folder = _path(args.folder)
    if not folder.is_dir():
        there = "a file is there: name its folder" if folder.exists() else "nothing is there"
        raise Failure(Exit.USAGE, f"{visible(args.folder)}: expected a folder with documents; {there}")
    changed: dict[str, Any] = {}
    base = folder if args.library else documents_of(section)
    options = trainer_options(section, str(base))
    if args.library:
        library = _path(args.library)
        changed["library"] = str(library)
        changed["graph"] = str(library.with_name("graph.sqlite"))
        changed["journal"] = str(library.with_name("journal.sqlite"))
        changed["reports_dir"] = str(library.with_name("reports"))
    if args.reports:
        changed["reports_dir"] = str(_path(args.reports))
    if args.ocr:
        changed["ocr"] = True
    return options.model_copy(update=changed), None if folder == base else (str(folder),)


def _path(given: str) -> Path:
    path = Path(given).absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise Failure(
            Exit.USAGE, f"{visible(given)}: expected a path whose name is UTF-8; rename it, or make a link to it"
        ) from None
    return path


def _view(args: argparse.Namespace, terminal: Terminal) -> View:
    if args.json:
        return JsonLines(terminal)
    return Bars(terminal) if terminal.interactive and os.environ.get("TERM") != "dumb" else Lines(terminal)


def _judge(args: argparse.Namespace, terminal: Terminal, report: TrainingReport, library: str) -> int:
    if report.state == "cancelled":
        terminal.tell(f"{visible(report.text)} (the same command)", Colour.YELLOW)
        return Exit.INTERRUPTED
    if report.state == "failed":
        terminal.tell(visible(report.text), Colour.RED)
        return Exit.FAILURE
    if not args.json:
        terminal.say(visible(report.text))
        terminal.tell(f"the library is {visible(library)}", Colour.GREY)
    return Exit.UNMET if args.strict and report.failed else Exit.OK
