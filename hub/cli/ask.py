"""`tocsin ask`: ask what was trained, of a running hub or of a library's file."""

from __future__ import annotations

import argparse
from typing import Final, get_args

from pydantic import ValidationError

from hub.cli.ask_requests import ask_hub, ask_library
from hub.cli.ask_view import show
from hub.cli.endpoint import add_options, endpoint_of, token_of, warning
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Colour, Terminal
from integrations.rag_trainer.answers import Question

EXAMPLES = """\
examples:
  tocsin ask 'How thick are the bed joints of brickwork?'
  tocsin ask 'п. 5.2.1 СП 48' --limit 1
  tocsin ask 'высота ограждения' --type norms --language ru
  tocsin ask 'curing' --json | jq '.passages[0].text'
  tocsin ask 'curing' --library /srv/documents/.tocsin/library.sqlite     # without a hub

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
    parser.add_argument("--library", metavar="FILE", help="ask this library instead of a hub; needs the extra `rag`")
    parser.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    add_options(parser)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Ask, and print the passages."""
    question = _question(args)
    if args.library is not None:
        answer = ask_library(args.library, question)
    else:
        endpoint, token = endpoint_of(args.url), token_of(args.token_file)
        if told := warning(endpoint, token):
            terminal.tell(told, Colour.YELLOW)
        answer = ask_hub(endpoint, token, question)
    if args.json:
        terminal.say(answer.model_dump_json())
    else:
        show(answer, terminal)
    return Exit.OK


def _question(args: argparse.Namespace) -> Question:
    try:
        return Question(
            text=args.question.strip(),
            limit=args.limit,
            mode=args.mode,
            names=tuple(args.document),
            types=tuple(args.type),
            languages=tuple(args.language),
        )
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise Failure(Exit.USAGE, lines) from None
