"""`tocsin ask`: ask what was trained, of a running hub or of a library's file."""

from __future__ import annotations

import argparse
from typing import Final, get_args

from pydantic import ValidationError

from hub.adapters.rag_options import folder_of, missing_libraries
from hub.cli.ask_library import LIBRARY, ask_library, library_of, options_for
from hub.cli.ask_requests import ask_hub
from hub.cli.ask_view import show
from hub.cli.configuration import add_config_option, read
from hub.cli.endpoint import add_options, endpoint_of, token_of, warning
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Colour, Terminal, visible
from integrations.rag_trainer.answers import Answer, Question

EXAMPLES = """\
examples:
  tocsin ask 'How thick are the bed joints of brickwork?'
  tocsin ask 'п. 5.2.1 СП 48' --limit 1
  tocsin ask 'высота ограждения' --type norms --language ru
  tocsin ask 'curing' --json | jq '.passages[0].text'
  tocsin ask 'curing' --library documents.sqlite                          # without a hub

exit codes: 0 answered, also when nothing was found; 1 failed, 2 wrong usage, 3 no hub there, 4 refused.
"""
_MODES: Final = get_args(Question.model_fields["mode"].annotation)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ask`."""
    parser.add_argument("question", metavar="QUESTION")
    parser.add_argument("--limit", type=int, default=5, metavar="N", help="passages at most (1 to 50; default 5)")
    parser.add_argument(
        "--type", action="append", default=[], help="only documents of this type, such as norms; may be repeated"
    )
    parser.add_argument(
        "--document", action="append", default=[], metavar="NAME", help="only this document; may be repeated"
    )
    parser.add_argument(
        "--language", action="append", default=[], help="only documents in it: ru or en; may be repeated"
    )
    parser.add_argument("--mode", choices=_MODES, default="hybrid", help="by words, by meaning, or both (default)")
    parser.add_argument(
        "--library",
        metavar="FILE",
        help="ask this library, or the one in this folder, instead of a hub; needs the extra `rag`",
    )
    parser.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    add_options(parser)
    add_config_option(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Ask, and print the passages."""
    question = _question(args)
    answer = _of_hub(args, terminal, question) if args.library is None else _of_library(args, terminal, question)
    if args.json:
        terminal.say(answer.model_dump_json())
    else:
        show(answer, terminal)
    return Exit.OK


def _of_library(args: argparse.Namespace, terminal: Terminal, question: Question) -> Answer:
    if missing := missing_libraries():
        raise Failure(
            Exit.FAILURE,
            f'asking a library needs the extra `rag` ({", ".join(missing)} missing): pip install "tocsin[rag]"',
        )
    library = library_of(args.library)
    return ask_library(options_for(read(args.config, terminal).rag_trainer, library), question)


def _of_hub(args: argparse.Namespace, terminal: Terminal, question: Question) -> Answer:
    endpoint, token = endpoint_of(args.url), token_of(args.token_file)
    if told := warning(endpoint, token):
        terminal.tell(told, Colour.YELLOW)
    try:
        return ask_hub(endpoint, token, question)
    except Failure as failure:
        # Whoever has trained on this machine, and runs no hub, has what is asked for all the same.
        if failure.code is not Exit.UNREACHABLE or args.url or (library := _own(args, terminal)) is None:
            raise
        hint = f"without a hub, ask the library on this machine: --library {visible(library)}"
        raise Failure(failure.code, (*failure.lines, hint), failure.temporary) from None


def _own(args: argparse.Namespace, terminal: Terminal) -> str | None:
    """Return where a hub on this machine would have its library, if there is one."""
    try:
        section = read(args.config, terminal).rag_trainer
    except Failure:
        return None
    library = folder_of(section) / LIBRARY
    return str(library) if library.is_file() else None


def _question(args: argparse.Namespace) -> Question:
    text = args.question.strip()
    if not text:
        raise Failure(Exit.USAGE, "QUESTION: expected some words, got none")
    try:
        return Question(
            text=text,
            limit=args.limit,
            mode=args.mode,
            names=tuple(args.document),
            types=tuple(args.type),
            languages=tuple(args.language),
        )
    except ValidationError as error:
        lines = [_NAMES.get(str(one["loc"][0]), str(one["loc"][0])) + f": {one['msg']}" for one in error.errors()]
        raise Failure(Exit.USAGE, lines) from None


_NAMES: Final = {"text": "QUESTION", "limit": "--limit"}
