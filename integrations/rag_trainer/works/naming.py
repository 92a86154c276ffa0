"""When two names mean the same work, and what a work is called."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from integrations.rag_trainer.terms import terms
from integrations.rag_trainer.works.lexicon import EMPTY, LEMMAS

Key: TypeAlias = frozenset[str]
"""What a name is about: the stems of its words, whatever their order, without those that say nothing."""

LONGEST: Final = 200
"""Characters of a name; what is longer is cut at a word."""


@lru_cache(maxsize=20_000)
def key_of(name: str) -> Key:
    """Return what a name is about. Equal keys are one work: "Concrete pouring" and "pouring of the concrete"."""
    return frozenset(stem for stem in terms(name) if stem not in EMPTY)


@lru_cache(maxsize=20_000)
def name_of(text: str) -> str:
    """Return what a work is called: the words of the text on one line, the first one in its first form if it is a known
    noun of a work, with a capital letter."""
    words = text.split()
    if words and (stems := terms(words[0])) and (lemma := LEMMAS.get(stems[-1])) and "-" not in words[0]:
        words[0] = lemma
    name = " ".join(words)
    if len(name) > LONGEST:
        name = name[: name.rfind(" ", 0, LONGEST) if " " in name[:LONGEST] else LONGEST].rstrip(" ,;") + "…"
    return name[:1].upper() + name[1:]
