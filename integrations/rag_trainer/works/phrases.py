"""Phrases that name a work: a noun such as монтаж or installation, with what it is done to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from integrations.rag_trainer.terms import terms
from integrations.rag_trainer.works import lexicon

MOST_WORDS: Final = {False: 6, True: 14}
"""Words after the noun, in a sentence and in a title or an item of a list."""

_WORD: Final = re.compile(r"[^\W_]+(?:[-–/.’'][^\W_]+)*")
_PARTS: Final = re.compile(r"[,;:.()«»\"“”|!?]")
_ADJECTIVE: Final = re.compile(
    r"(?:ая|яя|ой|ей|ое|ее|ого|его|ый|ий|ые|ие|ых|их|ую|юю|ому|ему|ым|им|ыми|ими)$",
)
_NO_ADJECTIVE: Final = re.compile(r"(?:ни|ти|ци|аци)(?:е|ей|ий|й)$")
_RUSSIAN_VERB: Final = re.compile(
    r"(?:[еия]тся|[юу]тся|ились|илась|илось|лся|лись|[аяуеи]ют|[иа]вают|одят|дут|ед[её]т|олжно|ает|яет|ует|[аяи]ть|[аяе]ться)$"
)
_BROAD_GAP: Final = re.compile(r"\s{3,}|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in small letters, and its stem."""

    start: int
    end: int
    text: str
    stem: str
    parted: bool
    """A sign such as a comma stands between it and the word before."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that may name a work.

    Attributes:
        strong: its noun hardly means anything else.
        bare: its noun stands alone.
        first: nothing stands before it in its segment.
    """

    start: int
    end: int
    strong: bool
    bare: bool
    first: bool


def words_of(text: str, start: int, end: int) -> list[Word]:
    """Return the words of a part of the text."""
    found: list[Word] = []
    last = start
    for match in _WORD.finditer(text, start, end):
        word = match[0].lower()
        gap = text[last : match.start()]
        parted = _PARTS.search(gap) is not None or _BROAD_GAP.search(gap) is not None or " - " in gap or "–" in gap
        stems = terms(word)
        found.append(Word(match.start(), match.end(), word, stems[-1] if stems else word, parted or "—" in gap))
        last = match.end()
    return found


def phrases(text: str, start: int, end: int, *, wide: bool = False) -> Iterator[Phrase]:
    """Yield the phrases of a segment in its order, apart from each other.

    Args:
        wide: it is a title or an item of a list, where a name goes on over most prepositions.
    """
    words = words_of(text, start, end)
    at = 0
    while at < len(words):
        span = _phrase(words, at, wide)
        if span is None:
            at += 1
            continue
        first, last = span
        head = words[at]
        strong = head.stem in lexicon.STRONG or head.stem in lexicon.ENGLISH_STRONG or _is_works(head)
        yield Phrase(words[first].start, words[last].end, strong, first == last, first == 0)
        at = last + 1


def imperative(text: str, start: int, end: int) -> Phrase | None:
    """Return the item of a list as a phrase if it begins with a verb such as "уложить" or "install", with an object."""
    words = words_of(text, start, min(end, start + 400))
    if not words or words[0].text not in lexicon.IMPERATIVES:
        return None
    last = _right(words, 0, wide=True)
    return Phrase(words[0].start, words[last].end, False, False, True) if last > 0 else None


def _phrase(words: list[Word], at: int, wide: bool) -> tuple[int, int] | None:
    word = words[at]
    if word.stem == "работ" or word.stem == "work":
        return _works(words, at, wide)
    if word.stem not in lexicon.HEADS or _is_attributed(words, at):
        return None
    russian = word.stem in lexicon.STRONG or word.stem in lexicon.WEAK
    last = _right(words, at, wide)
    first = _adjectives(words, at) if russian else (_objects(words, at) if last == at else at)
    weak = word.stem in lexicon.WEAK or word.stem in lexicon.ENGLISH_WEAK
    others = [*words[first:at], *words[at + 1 : last + 1]]
    if weak and (not others or any(other.stem in lexicon.ABSTRACT for other in others[: 2 if russian else 4])):
        return None
    if not russian and _is_attribute(words, first, at, last):
        return None
    return first, last


def _is_works(word: Word) -> bool:
    return word.stem in ("работ", "work")


def _works(words: list[Word], at: int, wide: bool) -> tuple[int, int] | None:
    """A kind of works: земляные работы, concrete works."""
    if at == 0 or words[at].parted or _is_attributed(words, at - 1):
        return None
    before = words[at - 1]
    if before.stem in lexicon.KINDS_OF_WORKS:
        return at - 1, at
    english = before.stem in (
        "concret",
        "finish",
        "drainag",
        "roof",
        "form",
        "electr",
        "earth",
        "road",
        "insul",
        "facad",
    )
    return (at - 1, at) if english and words[at].text == "works" else None


def _is_attributed(words: list[Word], at: int) -> bool:
    """The noun says what another one is of: акт приемки, сроки монтажа."""
    before = at - 1
    while before >= 0 and not words[before + 1].parted and _is_adjective(words[before]):
        before -= 1
    while (
        before >= 0
        and not words[before + 1].parted
        and words[before].text in ("к", "для", "по", "на", "и", "of", "for")
    ):
        before -= 1
    return 0 <= before < at and not words[before + 1].parted and words[before].stem in lexicon.ATTRIBUTED


def _is_attribute(words: list[Word], first: int, at: int, last: int) -> bool:
    """The noun says of what kind another one is: welding machine, inspection report."""
    after = words[at + 1 : at + 3] if last > at else words[last + 1 : last + 2]
    run = []
    for word in after:
        if word.parted or word.text in lexicon.STOPS or word.text == "of":
            break
        run.append(word)
    return any(word.stem in lexicon.ENGLISH_ATTRIBUTES for word in run) and not (
        last > at and words[at + 1].text in ("of", "the")
    )


def _right(words: list[Word], at: int, wide: bool) -> int:
    """Return the last word of what the work is done to."""
    stops = lexicon.FOR_TITLES if wide else lexicon.STOPS
    last, place = at, at + 1
    while place < len(words) and place - at <= MOST_WORDS[wide]:
        word = words[place]
        if word.parted or (word.text in stops and not _is_article(words, place)) or _RUSSIAN_VERB.search(word.text):
            break
        if not wide and _ends_before(words, place):
            break
        place += 1
        if word.text not in lexicon.KEPT and word.text not in lexicon.STOPS and word.text != "of":
            last = place - 1
    return last


def _is_article(words: list[Word], place: int) -> bool:
    return words[place].text in ("the", "a", "an")


def _ends_before(words: list[Word], place: int) -> bool:
    """Another work's noun begins here, so the name ends."""
    word = words[place]
    return word.text in ("and", "или", "и") or (word.stem in lexicon.STRONG and place > 1)


def _adjectives(words: list[Word], at: int) -> int:
    first = at
    while first > 0 and at - first < 2 and not words[first].parted and _is_adjective(words[first - 1]):
        first -= 1
    return first


def _is_adjective(word: Word) -> bool:
    return (
        len(word.text) >= 5
        and _ADJECTIVE.search(word.text) is not None
        and _NO_ADJECTIVE.search(word.text) is None
        and word.text not in lexicon.NO_ADJECTIVES
    )


def _objects(words: list[Word], at: int) -> int:
    """Return the first word of what an English noun is done to, when that stands before it: formwork installation."""
    first = at
    while first > 0 and at - first < 3 and not words[first].parted:
        before = words[first - 1]
        stops = before.text in lexicon.STOPS or before.text == "of" or before.stem in lexicon.ENGLISH_ATTRIBUTES
        if stops or not before.text[0].isascii() or before.text[0].isdigit():
            break
        first -= 1
    return first
