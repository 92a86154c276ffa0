"""Lines that may be headings: by their numbers (`5.2.1`, `А.1`), or by words such as `Раздел 2`, `Annex B`."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from integrations.rag_trainer.recognition.lines import Line

Form = Literal["part", "chapter", "article", "annex", "named", "number"]
_RANKS: Final[dict[Form, int]] = {"annex": 20, "part": 21, "named": 31, "chapter": 22, "article": 23, "number": 30}
_WORDED: Final[tuple[Form, ...]] = ("part", "chapter", "article", "annex")
_LONGEST_TITLE: Final = 160
_HIGHEST: Final = 199

_NUMBER: Final = re.compile(
    r" {0,8}(?P<number>(?:[А-ЯA-Z]\.)?[1-9]\d{0,2}(?:\.[1-9]\d{0,2}){0,5})\.? {1,8}"
    r"(?=[^\W\d_a-zа-я]|[«\"“(])"
)
_WORDS: Final = re.compile(
    r" {0,8}(?:(?P<part>раздел|часть|part|title)|(?P<chapter>глава|chapter)|(?P<article>статья|section|article)"
    r"|(?P<annex>приложение|annex|appendix|schedule))[ ]{1,3}(?:№ ?)?(?P<number>\d{1,3}(?:\.\d{1,3}){0,3}"
    r"|[IVXLC]{1,7}|[А-ЯA-Z])"
    r"(?![\w])(?P<rest>[^\n]{0,200})",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r" {0,8}(?:введение|предисловие|заключение|библиография|выводы|foreword|introduction|conclusions?"
    r"|references|bibliography"
    r"|abstract|executive summary)[ .:]{0,3}",
    re.IGNORECASE,
)
_REST: Final = re.compile(r"[ .:)-]{0,4}$|[ ]{0,2}[.:)-]|[ ]{1,3}[(«\"“А-ЯA-Z]")
_LEADER: Final = re.compile(r"(?:[ .]*\.{3,}|[ ]{2,}|\.) *\d{1,4} *$")
_PAGE: Final = re.compile(r"[ .]{1,300}\d{1,4} *$")
_UNIT: Final = re.compile(r"(?:МПа|кПа|кН|ГПа|Па|Вт|MPa|kPa|N|MN|Pa)(?!\w)")
_SENTENCE_END: Final = (".", ";", ":", ",")


class Heading(NamedTuple):
    """A line that may begin a section.

    Attributes:
        rank: a section ends where one of the same or a lower rank begins.
        clause: it is a numbered paragraph without a title.
    """

    start: int
    end: int
    form: Form
    number: str | None
    title: str
    rank: int
    clause: bool = False
    body: int = 0

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of its number."""
        return tuple(self.number.split(".")) if self.number else ()


def heading(line: Line, text: str) -> Heading | None:
    """Read a line of the folded text as a heading; `text` is the line as it stands."""
    return _worded(line, text) or _numbered(line, text)


def leads_to_page(line: Line) -> bool:
    """Whether a line ends as those of a table of contents do: with dots and the number of a page."""
    return line.end - line.start < 300 and bool(_LEADER.search(line.text))


def key(line: Line) -> str:
    """What a line of a table of contents and the heading that it stands for have in common."""
    return " ".join(_PAGE.sub("", line.text[:300]).lower().split())


def number_in(title: str) -> tuple[str | None, str]:
    """Part the number from the title of a heading that the format has marked."""
    found = _NUMBER.match(title)
    if found:
        return found["number"], title[found.end() :].strip()
    worded = _WORDS.match(title)
    return (worded["number"] if worded else None), title


def _worded(line: Line, text: str) -> Heading | None:
    if line.end - line.start > _LONGEST_TITLE:
        return None
    title = text.strip()
    if _NAMED.fullmatch(line.text) and line.text.lstrip()[:1].isupper():
        return Heading(line.start, line.end, "named", None, title.rstrip(" .:"), _RANKS["named"], body=line.end)
    found = _WORDS.match(line.text)
    if not found or not line.text.lstrip()[:1].isupper() or not _REST.match(found["rest"]):
        return None
    if title.endswith((";", ",")):
        return None
    form = next(form for form in _WORDED if found[form])
    number = text[found.start("number") : found.end("number")]
    if number != number.upper():
        return None
    return Heading(line.start, line.end, form, number, title, _RANKS[form], body=line.end)


def _numbered(line: Line, text: str) -> Heading | None:
    found = _NUMBER.match(line.text)
    if not found or found.end() == len(line.text):
        return None
    number, rest = text[found.start("number") : found.end("number")], text[found.end() :].strip()
    parts = number.split(".")
    if any(part.isdigit() and int(part) > _HIGHEST for part in parts) or _UNIT.match(rest):
        return None
    clause = len(rest) > _LONGEST_TITLE or rest.endswith(_SENTENCE_END) or ". " in rest
    if clause and len(parts) == 1:
        return None
    title = "" if clause else rest
    body = line.start + found.end() if clause else line.end
    return Heading(line.start, line.end, "number", number, title, _RANKS["number"] + len(parts), clause, body)
