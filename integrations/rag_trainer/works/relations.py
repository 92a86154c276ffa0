"""What the text says about the order of works: after, before, not until, and lists that are sequences.

Each pattern is a short cue. Which works it joins is decided by the works that stand next to it in the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from integrations.rag_trainer.works.segments import Segment

_CUE: Final = re.compile(
    r"\b(?:(?P<after>после(?! чего| этого| того)|по (?:окончании|завершении)|after|following|once)"
    r"|(?P<before>перед|до начала|before|prior to)|(?P<until>до(?! начала)|until|till)"
    r"|(?P<then>после чего|затем|then|after which|thereafter|предшеству\w{2,4}|precedes?)|(?P<follows>follows))\b",
    re.I,
)
_NOT: Final = re.compile(
    r"не (?:допуска|разреша|следует|должн|начина|приступа)|запреща|нельзя"
    r"|\b(?:shall|must|may|should|can|do|does|is|are) ?not\b|prohibited|forbidden|not (?:be )?(?:permitted|allowed)",
    re.I,
)
_ONLY: Final = re.compile(r"(?:только|лишь|only)\s{1,3}$", re.I)
_ENDING: Final = re.compile(r"^\s{0,3}(?:полного\s+)?(?:окончани|завершени)", re.I)
_LIGHT: Final = re.compile(
    r"[\s:]{0,4}(?:(?:полного|начала|начал[ауо]|окончани[яеию]|завершени[яеию]|выполнени[яеию]|производства|проведени[яеию]|их|всех"
    r"|работ по|the|a|any|all|completion|start|commencement|beginning|end|of|to)[\s]{1,3}){0,5}",
    re.I,
)
_JOINED: Final = re.compile(r"[\s,]{0,3}(?:(?:и|или|а также|and|as well as)\s)?\s{0,3}(?:the\s)?", re.I)
_IN_ORDER: Final = re.compile(
    r"последовательност|следующем порядке|поочер[её]дно|following (?:order|sequence)|sequence|in this order", re.I
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A work at a place of the text."""

    start: int
    end: int
    work: str


@dataclass(frozen=True, slots=True)
class Relation:
    """`before` is done before `after`; the span says so."""

    before: str
    after: str
    rule: str
    start: int
    end: int
    confidence: float


Group = tuple[Mention, ...]


def in_sentence(text: str, segment: Segment, mentions: Sequence[Mention]) -> Iterator[Relation]:
    """Yield what one sentence says; `mentions` are those in it, in their order."""
    if len(mentions) < 2:
        return
    groups = _groups(text, mentions)
    for cue in _CUE.finditer(text, segment.start, segment.end):
        sides = _sides(text, groups, cue)
        direction = _direction(text, segment, cue)
        if sides is None or direction is None:
            continue
        right, other = sides
        first, second = (right, other) if direction == "right first" else (other, right)
        rule = f"{cue.lastgroup}_{'ru' if cue[0][0] >= 'А' else 'en'}"
        for before in first:
            for after in second:
                yield Relation(before.work, after.work, rule, segment.start, segment.end, 0.9)


def in_list(
    text: str, lead: Segment | None, items: Sequence[tuple[Segment, Sequence[Mention]]], *, titled: bool
) -> Iterator[Relation]:
    """Yield the order of a list's items, if the sentence before it, or the section's title, calls it a sequence."""
    if not titled and (lead is None or not (lead.opens and _IN_ORDER.search(text, lead.start, lead.end))):
        return
    steps = [(segment, mentions[0]) for segment, mentions in items if mentions]
    for (_, before), (segment, after) in pairwise(steps):
        yield Relation(before.work, after.work, "list_in_order", segment.start, segment.end, 0.8)


def in_led_list(
    text: str, lead: Segment | None, leading: Sequence[Mention], items: Sequence[tuple[Segment, Sequence[Mention]]]
) -> Iterator[Relation]:
    """Yield that a list's items come before, or after, the works of the sentence that opens it: "До начала X:",
    "After X:"; `leading` are the mentions in that sentence.
    """
    if lead is None or not lead.opens or not leading or _NOT.search(text, lead.start, lead.end):
        return
    groups = _groups(text, leading)
    for cue in _CUE.finditer(text, lead.start, lead.end):
        if cue.lastgroup not in ("before", "after") or groups[0][0].start < cue.end():
            continue
        if not _LIGHT.fullmatch(text, cue.end(), groups[0][0].start):
            continue
        rule = f"list_{cue.lastgroup}_{'ru' if cue[0][0] >= 'А' else 'en'}"
        for segment, mentions in items:
            for led in groups[0] if mentions else ():
                first, second = (mentions[0], led) if cue.lastgroup == "before" else (led, mentions[0])
                if first.work != second.work:
                    yield Relation(first.work, second.work, rule, segment.start, segment.end, 0.85)


def says_sequence(title: str) -> bool:
    """Say whether a title announces a sequence."""
    return _IN_ORDER.search(title) is not None


def _groups(text: str, mentions: Sequence[Mention]) -> list[Group]:
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and _JOINED.fullmatch(text, groups[-1][-1].end, mention.start):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return [tuple(group) for group in groups]


def _sides(text: str, groups: list[Group], cue: re.Match[str]) -> tuple[Group, Group] | None:
    """Return the works after the cue, and those that it relates them to."""
    right = next((n for n, group in enumerate(groups) if group[0].start >= cue.end()), None)
    if right is None:
        return None
    if cue.lastgroup not in ("then", "follows") and not _LIGHT.fullmatch(text, cue.end(), groups[right][0].start):
        return None
    left = [group for group in groups[:right] if group[-1].end <= cue.start()]
    if left:
        return groups[right], left[-1]
    if cue.lastgroup in ("then", "follows"):
        return None
    return (groups[right], groups[right + 1]) if right + 1 < len(groups) else _at_comma(text, groups[right])


def _at_comma(text: str, group: Group) -> tuple[Group, Group] | None:
    """Part what a comma joins, as in "Prior to A, B shall be finished"."""
    for number in range(1, len(group)):
        if text[group[number - 1].end : group[number].start].strip() in (",", ", the"):
            return group[:number], group[number:]
    return None


def _direction(text: str, segment: Segment, cue: re.Match[str]) -> str | None:
    kind = cue.lastgroup
    denied = _NOT.search(text, segment.start, segment.end) is not None
    if kind == "after":
        only = _ONLY.search(text, max(segment.start, cue.start() - 10), cue.start())
        return None if denied and not only else "right first"
    if kind == "follows":
        return "right first"
    if kind == "before" or kind == "then":
        return "right first" if denied and kind == "before" else "right last"
    if denied:
        return "right first"
    return None if _ENDING.match(text[cue.end() : cue.end() + 24]) or cue[0].lower() != "до" else "right last"
