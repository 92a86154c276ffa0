"""The rules that find candidates of works, with how sure each is.

The confidences order the rules; they were set by hand, not fitted. What they come to on the labelled set stands in
tests/unit/integrations/rag_trainer/works/test_labelled.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """A way in which a text names a work.

    Attributes:
        confidence: from 0 to 1 that what it finds is a work.
        about: what it looks at.
    """

    name: str
    confidence: float
    about: str


COLUMN: Final = Rule(
    "table_column", 0.9, "a cell of a column that is headed as names of works, with a work's noun in it"
)
COLUMN_ONLY: Final = Rule("table_column_only", 0.75, "a cell of such a column, without a known noun")
CELL: Final = Rule("table_cell", 0.7, "a cell of a column headed as names of anything, with a work's noun in it")
TITLE: Final = Rule("title", 0.9, "a section's title that begins with a work's noun")
ITEM: Final = Rule("list_item", 0.85, "an item of a list that begins with a work's noun")
ITEM_VERB: Final = Rule("list_item_verb", 0.75, "an item of a list that begins with a verb, such as 'install'")
SENTENCE: Final = Rule("sentence", 0.65, "a work's noun that hardly means anything else, with its object")
SENTENCE_WEAK: Final = Rule("sentence_weak", 0.55, "a work's noun that means other things too, with an object")
SENTENCE_BARE: Final = Rule("sentence_bare", 0.45, "a work's noun alone")

RULES: Final = (COLUMN, COLUMN_ONLY, CELL, TITLE, ITEM, ITEM_VERB, SENTENCE, SENTENCE_WEAK, SENTENCE_BARE)
