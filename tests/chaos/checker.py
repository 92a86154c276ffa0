"""Compares what clients noted with what the broker holds and what publishers were told: nothing lost, nothing twice,
order kept; or a gap was announced, and covers exactly what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from channels.model import Position
from tests.chaos.events import Acknowledged, Diary, Fault, Got, Kept
from tests.chaos.walk import Walk


@dataclass(frozen=True, slots=True)
class Rules:
    """What is promised in a run.

    Attributes:
        lossy: the broker may forget what it acknowledged (no persistence, an older copy). Then gaps are right, if they
            are announced and needed, and a publisher's repetition may be published again in the next epoch.
        repeating: what a client was told to be lost may come again in the next epoch: it got it from another worker
            than the one that tells it so, which had not heard it.
        conflated: channels on which offsets may skip.
    """

    lossy: bool = False
    repeating: bool = False
    conflated: Collection[str] = ()


def check(
    diaries: Collection[Diary],
    kept: Mapping[str, Kept],
    acknowledged: Collection[Acknowledged],
    rules: Rules = Rules(),
) -> list[Fault]:
    """Return every broken promise, `[]` if there is none."""
    faults = list(_one_publication_per_position(diaries, kept))
    for diary in diaries:
        stream = kept[diary.channel]
        faults += Walk(
            diary,
            stream,
            lossy=rules.lossy,
            repeating=rules.repeating,
            conflated=diary.channel in rules.conflated,
        ).faults()
    for channel, stream in kept.items():
        faults += _whole(channel, stream)
    if not rules.lossy:
        for answers in acknowledged:
            faults += _nothing_acknowledged_is_missing(answers, kept[answers.channel])
            faults += _order_of(answers, kept[answers.channel])
            faults += _same_place(answers)
    return faults


def _one_publication_per_position(diaries: Collection[Diary], kept: Mapping[str, Kept]) -> Iterator[Fault]:
    """A position stands for one publication, whoever is asked and whenever."""
    known: dict[tuple[str, Position], tuple[str, str]] = {}
    for channel, stream in kept.items():
        for offset, (id, _) in stream.entries.items():
            known[channel, Position(stream.top.epoch, offset)] = (id, "the broker")
    for diary in diaries:
        for event in diary.events:
            if not isinstance(event, Got):
                continue
            id, who = known.setdefault((diary.channel, event.position), (event.id, diary.client))
            if id != event.id:
                detail = f"{show(event.position)} is {event.id} here and {id} for {who}"
                yield Fault(diary.client, diary.channel, "two publications under one position", detail)


def _whole(channel: str, stream: Kept) -> Iterator[Fault]:
    """The broker's own stream has no hole, and each id once."""
    offsets = sorted(stream.entries)
    if offsets and offsets != list(range(offsets[0], stream.top.offset + 1)):
        detail = f"{len(offsets)} offsets from {offsets[0]} to {offsets[-1]}, top {show(stream.top)}"
        yield Fault("the broker", channel, "hole", detail)
    for id, times in Counter(id for id, _ in stream.entries.values()).items():
        if times > 1:
            places = [offset for offset, (other, _) in stream.entries.items() if other == id]
            yield Fault("the broker", channel, "published twice", f"{id} at offsets {places}")


def _nothing_acknowledged_is_missing(answers: Acknowledged, stream: Kept) -> Iterator[Fault]:
    there = {id for id, _ in stream.entries.values()}
    for id, place in answers.places.items():
        if place is None:
            if id not in there:
                yield Fault(
                    answers.publisher, answers.channel, "accepted, and missing", f"{id} (top {show(stream.top)})"
                )
            continue
        found = stream.entries.get(place.offset, ("nothing", None))[0]
        if place.epoch != stream.top.epoch or found != id:
            detail = f"{id} was acknowledged at {show(place)}, where {found} is (top {show(stream.top)})"
            yield Fault(answers.publisher, answers.channel, "acknowledged, and missing", detail)


def _order_of(answers: Acknowledged, stream: Kept) -> Iterator[Fault]:
    """A publisher's own publications stand in the order in which it published them."""
    order = {id: number for number, id in enumerate(answers.places)}
    last = -1
    for offset in sorted(stream.entries):
        id = stream.entries[offset][0]
        number = order.get(id, last)
        if number < last:
            yield Fault(answers.publisher, answers.channel, "published out of order", f"{id} at offset {offset}")
        last = max(last, number)


def _same_place(answers: Acknowledged) -> Iterator[Fault]:
    for id, place in answers.again:
        if place != answers.places[id]:
            detail = f"{id} at {show(place)}, first at {show(answers.places[id])}"
            yield Fault(answers.publisher, answers.channel, "published again under the same key", detail)


def show(position: Position | None) -> str:
    """Write a position for people."""
    return "nowhere" if position is None else f"{position.epoch}:{position.offset}"
