"""Projects of work: each operation with who does it, with what, and how long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Candidates, Entity, Item, Markup, Structure, Text
from integrations.rag_trainer.works.durations import durations
from integrations.rag_trainer.works.naming import key_of
from integrations.rag_trainer.works.relations import Mention

_REACH: Final = 200
"""Characters after a work's name in which machines and people are looked for; the end of the line ends that earlier."""


class WorkOperations:
    """Items of the kind `operation`; `data`: `work` (its id), `machines`, `people`, and `days` as the text tells."""

    name = "work_project"
    types = ("work_project",)

    def items(self, draft: Draft) -> Sequence[Item]:
        """Return the works for which the text tells machines, people or days."""
        text, markup = draft[Text].text, draft[Markup]
        ids = {key_of(text[work.start : work.end]): work.id for work in markup.works}
        mentions = [
            Mention(candidate.start, candidate.end, ids[key])
            for candidate in draft[Candidates].candidates
            if (key := key_of(candidate.text)) in ids
        ]
        days = durations(text, mentions, draft[Structure].tables)
        named = [entity for entity in markup.entities if entity.kind in ("machine", "role")]
        found, at = [], 0
        for work in markup.works:
            stop = text.find("\n", work.end, work.end + _REACH)
            stop = min(work.end + _REACH, len(text)) if stop < 0 else stop
            while at < len(named) and named[at].start < work.start:
                at += 1
            near = [entity for entity in named[at : at + 20] if entity.end <= stop]
            data = _data(work.id, near, days.get(work.id))
            if len(data) > 1:
                found.append(
                    Item(kind="operation", text=text[work.start : work.end], data=data, start=work.start, end=work.end)
                )
        return found


def _data(work: str, near: Sequence[Entity], days: float | None) -> dict[str, Any]:
    data: dict[str, Any] = {"work": work}
    for field, kind in (("machines", "machine"), ("people", "role")):
        if names := [entity.text for entity in near if entity.kind == kind]:
            data[field] = names
    if days is not None:
        data["days"] = days
    return data
