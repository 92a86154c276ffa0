"""Markdown: headings and tables by its own signs; all else stays as it is written."""

from __future__ import annotations

import re
from typing import Final

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.cleaning import clean
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.encodings import decode

_ATX: Final = re.compile(r" {0,3}(#{1,6})(?:\s+(\S.*))?$")
_UNDERLINE: Final = re.compile(r" {0,3}(?:=+|-{2,})\s*$")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_DELIMITER: Final = re.compile(r" {0,3}\|? *:?-+:? *(?:\| *:?-+:? *)*\|?\s*$")
_NO_HEADING: Final = re.compile(r" {0,3}(?:[-*+>|] |\d{1,9}[.)] |[|>])")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_FRONT_TITLE: Final = re.compile(r"""title:\s*["']?(.*?)["']?\s*$""", re.IGNORECASE)
_FRONT_LINES: Final = 200


def read_markdown(data: bytes, limits: Limits) -> Content:
    """Read Markdown as CommonMark has it, with pipe tables as GitHub has them.

    `#` in a code fence is no heading. A block of properties between `---` at the begin is not part of the text; its
    `title` is the document's title.

    Raises:
        StageFailed: see `decode`.
    """
    decoded = decode(data)
    title, lines = _front(clean(decoded.text).split("\n"))
    _Reader(writer := Writer(limits.text_chars), lines).read()
    return writer.content(title=title, encoding=decoded.encoding, warnings=decoded.warnings)


class _Reader:
    def __init__(self, writer: Writer, lines: list[str]) -> None:
        self._writer = writer
        self._lines = lines
        self._fence = ""

    def read(self) -> None:
        """Write all lines."""
        at = 0
        while at < len(self._lines):
            at += self._block(at)

    def _block(self, at: int) -> int:
        """Write what begins at a line; return how many lines that was."""
        line = self._lines[at]
        if self._is_code(line):
            self._plain(line)
            return 1
        if heading := _ATX.match(line):
            self._writer.heading(_unclosed(heading[2] or ""), len(heading[1]))
            return 1
        below = self._lines[at + 1] if at + 1 < len(self._lines) else ""
        if "|" in line and "-" in below and _DELIMITER.match(below) and (rows := self._table(at)):
            return rows
        if self._is_heading(at, line, below):
            self._writer.heading(line, 1 if "=" in below else 2)
            return 2
        self._plain(line)
        return 1

    def _plain(self, line: str) -> None:
        if line:
            self._writer.paragraph(line)
        else:
            self._writer.gap()

    def _is_code(self, line: str) -> bool:
        fence = _FENCE.match(line)
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not line.strip("`~ "):
                self._fence = ""
            return True
        self._fence = fence[1] if fence else ""
        return bool(fence)

    def _is_heading(self, at: int, line: str, below: str) -> bool:
        """A line that is underlined, and is a paragraph of its own."""
        is_alone = at == 0 or not self._lines[at - 1]
        return bool(line and is_alone and _UNDERLINE.match(below) and not _NO_HEADING.match(line))

    def _table(self, at: int) -> int:
        head = _cells(self._lines[at])
        if len(head) != len(_cells(self._lines[at + 1])):
            return 0
        end = at + 2
        while end < len(self._lines) and "|" in self._lines[end]:
            end += 1
        self._writer.table([head, *(_cells(line) for line in self._lines[at + 2 : end])])
        return end - at


def _cells(line: str) -> list[str]:
    line = line.strip()
    line = line.removeprefix("|")
    line = line[:-1] if line.endswith("|") and not line.endswith("\\|") else line
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(line)]


def _unclosed(text: str) -> str:
    """A heading without the `#` that may close it."""
    bare = text.rstrip().rstrip("#")
    return bare.rstrip() if bare.endswith((" ", "")) and (not bare or bare[-1] == " ") else text.rstrip()


def _front(lines: list[str]) -> tuple[str | None, list[str]]:
    if lines[0] != "---":
        return None, lines
    end = next((at for at, line in enumerate(lines[1:_FRONT_LINES], start=1) if line in ("---", "...")), 0)
    if not end or not all(":" in line or line.startswith((" ", "-", "#")) for line in lines[1:end] if line):
        return None, lines
    title = next((found[1] for line in lines[1:end] if (found := _FRONT_TITLE.match(line))), None)
    return title or None, lines[end + 1 :]
