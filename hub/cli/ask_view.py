"""What `tocsin ask` shows to people: passages with their sources, the words of the question marked."""

from __future__ import annotations

import re
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from hub.cli.terminal import Terminal, visible
from integrations.rag_trainer.answers import Answer, Passage

PIPED: Final = 120
"""Columns in a pipe or a file, where nobody knows how wide it may be."""
_SHOWN: Final = 1_500
"""Characters of a passage that are shown; `--json` has all."""
_WORD: Final = re.compile(r"[^\W_]+(?:[.\-/][^\W_]+)*")
_ENDING: Final = 3
"""Letters at the end of a long word in which inflected forms may differ. The hub's stems aren't here: they need the
extra."""
_SHORT: Final = 4
"""Letters of words that have to be the same."""


def show(answer: Answer, terminal: Terminal) -> None:
    """Print passages best first, then what the answer took, and what wasn't done."""
    console = Console(
        file=terminal.out,
        width=None if terminal.interactive else PIPED,
        force_terminal=terminal.colour_out,
        no_color=not terminal.colour_out,
        highlight=False,
    )
    for number, passage in enumerate(answer.passages, start=1):
        console.print(_source(number, passage))
        console.print(Padding(_marked(passage.text, answer.question), (0, 0, 1, 3), expand=False))
    if not answer.passages:
        terminal.say("nothing was found")
    total = answer.timings_ms.get("total", 0.0)
    terminal.tell(f"{answer.documents} documents, {answer.chunks} passages, {answer.mode}, {total:.0f} ms")
    for note in answer.notes:
        terminal.tell(visible(f"note: {note}"))


def _source(number: int, passage: Passage) -> Text:
    title = passage.title
    if passage.designation and passage.designation not in title:
        title = f"{passage.designation}. {title}"
    line = Text(f"{number}. ", style="bold")
    line.append(visible(title or passage.document), style="bold")
    places = [visible(part) for part in (passage.document, *passage.path)]
    places += [] if passage.page is None else [f"page {passage.page}"]
    line.append(f"\n   {' > '.join(places)}, characters {passage.start}-{passage.end}", style="cyan")
    return line.append(f", score {passage.score:.3f}", style="bright_black")


def _marked(text: str, question: str) -> Text:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + " …"
    # As Text and line by line, so that nobody's data is taken for markup or steers the terminal.
    marked = Text("\n".join(map(visible, shown.split("\n"))))
    asked = {_same(word) for word in _WORD.findall(question)}
    for found in _WORD.finditer(marked.plain):
        if _same(found.group()) in asked:
            marked.stylize("bold yellow", found.start(), found.end())
    return marked


def _same(word: str) -> str:
    word = word.lower().replace("ё", "е")
    return word[: max(_SHORT, len(word) - _ENDING)] if word.isalpha() else word
