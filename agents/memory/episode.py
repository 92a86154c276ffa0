"""An exchange with an agent, as it is remembered: what both newly said, and nothing that was recalled for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agents.memory.identity import normal

ANSWER_MARK: Final = "→ "
"""Stands before what the agent said."""

_CITED: Final = re.compile(r"\s?\[\d{1,3}\]")
_SENTENCE: Final = re.compile(r"[^\n.!?…。！？]*(?:[.!?…。！？]+[\"'”»)\]」』）]*|\n|$)\s*")
_ASKS: Final = re.compile(r"[?？][\"'”»)\]」』）]*\s*$")
_AROUND: Final = " \t\n-*•>→“”„\"'«»()「」『』"
_LEAST: Final = 12
"""Characters from which on a sentence that was recalled counts as repeated: `Yes.` is said anew each time. In a line
that names its citation shorter ones count too."""
_ANNOUNCES: Final = (":", "：")


@dataclass(frozen=True, slots=True)
class Episode:
    """An exchange.

    Attributes:
        said: what the user said.
        answer: what the agent answered; empty when it said nothing of its own.
        recalled: texts of the memories that it was shown. What the answer repeats of them isn't remembered again.
        success: whether the exchange went well; `None`: not known.
    """

    said: str
    answer: str = ""
    session_id: UUID | None = None
    message_ids: Sequence[UUID] = ()
    task_id: UUID | None = None
    recalled: Sequence[str] = ()
    success: bool | None = None

    @property
    def source(self) -> dict[str, object]:
        """Where the memory of it comes from."""
        found: dict[str, object] = {}
        if self.session_id is not None:
            found["session_id"] = str(self.session_id)
        if self.message_ids:
            found["message_ids"] = [str(id) for id in self.message_ids]
        if self.task_id is not None:
            found["task_id"] = str(self.task_id)
        return found

    def told(self) -> str:
        """Return what is remembered of it: what the user said, and below it what the agent answered of its own."""
        answer = new_in(self.answer, self.recalled)
        return f"{self.said.strip()}\n{ANSWER_MARK}{answer}" if answer else self.said.strip()


def only_asks(text: str) -> bool:
    """Whether a memory is a question that got no answer of its own: it tells nothing, and fits itself best."""
    return bool(_ASKS.search(text)) and f"\n{ANSWER_MARK}" not in text


def new_in(answer: str, recalled: Sequence[str]) -> str:
    """Return what an answer says that isn't in what was recalled, without the numbers of citations.

    Compared are sentences, and whole lines (quotations). Other words for the same thing are new.
    """
    known = normal("\n".join(recalled))
    lines = []
    repeated = False
    for line in answer.splitlines():
        left = _left(line, known)
        repeated = repeated or (bool(line.strip()) and not left)
        if left or not line.strip():
            lines.append(left)
    if repeated:
        # What announced the quotations says nothing without them.
        lines = [line for line in lines if not line.endswith(_ANNOUNCES)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _left(line: str, known: str) -> str:
    plain = _CITED.sub("", line)
    least = 1 if plain != line else _LEAST
    if _is_known(plain, known, least):
        return ""
    return "".join(one for one in _SENTENCE.findall(plain) if not _is_known(one, known, least)).rstrip()


def _is_known(text: str, known: str, least: int) -> bool:
    plain = normal(text.strip(_AROUND))
    return len(plain) >= least and plain in known
