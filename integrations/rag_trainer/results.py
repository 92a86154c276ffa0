"""What the fourteen stages make of a document, in their order. The front for the values that results hold, too.

Results are written to the journal as JSON, and read back when a job goes on after a kill.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from integrations.rag_trainer.values import (
    Candidate,
    Chunk,
    Dated,
    Dependency,
    Entity,
    Figure,
    Format,
    HeadingText,
    Issue,
    Item,
    Material,
    Money,
    Page,
    Quantity,
    Reference,
    Rows,
    Section,
    Span,
    Step,
    Table,
    TableText,
    Value,
    Work,
    WorkSequence,
)

__all__ = [
    "Candidate",
    "Candidates",
    "Chunk",
    "Chunks",
    "Dated",
    "Dependency",
    "DocumentType",
    "Duplicate",
    "Entity",
    "Figure",
    "Format",
    "HeadingText",
    "Issue",
    "Item",
    "Markup",
    "Material",
    "Metadata",
    "Money",
    "Page",
    "Processing",
    "Quality",
    "Quantity",
    "Reference",
    "Result",
    "Rows",
    "SavedSequences",
    "SavedVectors",
    "Section",
    "Sequences",
    "Span",
    "Step",
    "Structure",
    "Table",
    "TableText",
    "Text",
    "Validation",
    "Value",
    "Work",
    "WorkSequence",
]


class Result(Value):
    """What a stage made.

    Attributes:
        log: one line for people about what it found; goes out with the stage's update.
    """

    log: str


# 1 and 2: the file.


class Validation(Result):
    """1: the file is there, of a size that is taken, readable, and of a format that its bytes confirm."""

    exists: bool
    size: int = Field(ge=0, description="bytes")
    can_read: bool
    format: Format
    warnings: tuple[str, ...] = ()


class Duplicate(Result):
    """2: who it is.

    Attributes:
        file_hash: SHA-256 of the bytes, hexadecimal.
        content_hash: SHA-256 of the text for formats that are text (md, txt, html), whatever their encoding and line
            ends; else that of the bytes.
        duplicate_of: name of the document that has the same hash.
    """

    is_duplicate: bool
    file_hash: str
    content_hash: str
    duplicate_of: str | None = None


# 3: the text.


class Text(Result):
    """3: the text, NFC, lines parted by one line feed, with what the format knows about it."""

    text: str
    language: Literal["ru", "en", "und"]
    encoding: str | None = Field(None, description="of a format that is text")
    title: str | None = Field(None, description="as the format's own properties say")
    pages: tuple[Page, ...] = ()
    tables: tuple[TableText, ...] = ()
    headings: tuple[HeadingText, ...] = ()
    ocr: bool = False
    warnings: tuple[str, ...] = Field((), description="what could not be read, such as a page")
    notes: tuple[str, ...] = Field((), description="what was left out on purpose, or read in another way")


# 4 and 5: what it is, and how it is built.


class DocumentType(Result):
    """4: kind of document.

    Attributes:
        type: such as `norms`, `estimate`, `work_project`, `contract`, `report`, `generic`.
        subtype: such as `sp`, `gost`, `snip`, `iso`; empty: none.
        designation: its official number, such as `СП 48.13330.2019`; as it stands in the text.
        reasons: what spoke for it.
    """

    type: str
    subtype: str = ""
    confidence: float = Field(ge=0, le=1)
    designation: str | None = None
    reasons: tuple[str, ...] = ()


class Structure(Result):
    """5: sections in the order of the text, tables, figures."""

    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    completeness: float = Field(ge=0, le=1, description="share of the text that lies in a section with a heading")


# 6 and 7: works.


class Candidates(Result):
    """6: candidates in the order of the text."""

    candidates: tuple[Candidate, ...]


class Markup(Result):
    """7: works, what depends on what (without cycles), and entities.

    Attributes:
        dropped: dependencies that would have closed a cycle.
        mermaid: the graph as a Mermaid flowchart.
    """

    works: tuple[Work, ...]
    dependencies: tuple[Dependency, ...]
    dropped: tuple[Dependency, ...] = ()
    entities: tuple[Entity, ...]
    mermaid: str


# 8 to 10: metadata, quality, what only its type has.


class Metadata(Result):
    """8: what the text says, each with its place. Nothing is here that doesn't stand in the text."""

    title: str | None = None
    dates: tuple[Dated, ...] = ()
    money: tuple[Money, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    materials: tuple[Material, ...] = ()
    references: tuple[Reference, ...] = ()


class Quality(Result):
    """9: how well the document was understood: 100 minus the penalties, not below 0."""

    score: int = Field(ge=0, le=100)
    issues: tuple[Issue, ...] = ()


class Processing(Result):
    """10: what the handler for the document's type found."""

    handler: str
    items: tuple[Item, ...] = ()


# 11 and 12: sequences.


class Sequences(Result):
    """11: sequences, the one with the highest priority first."""

    sequences: tuple[WorkSequence, ...]


class SavedSequences(Result):
    """12: where they were written."""

    saved: int = Field(ge=0)
    stores: tuple[str, ...]


# 13 and 14: the index.


class Chunks(Result):
    """13: chunks in the order of the text, and their vectors.

    Attributes:
        model: the embedding model; vectors of different models can't be compared.
        vectors: 32-bit floats, little endian, one row of `dimensions` per chunk, of length 1.
    """

    chunks: tuple[Chunk, ...]
    model: str
    dimensions: int = Field(ge=1)
    vectors: bytes

    def matrix(self) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Return the vectors, one per row."""
        return np.frombuffer(self.vectors, "<f4").reshape(len(self.chunks), self.dimensions)


class SavedVectors(Result):
    """14: the document is in the index.

    Attributes:
        replaced: points of the same document that were there before, and are not any more.
    """

    points: int = Field(ge=1)
    replaced: int = Field(ge=0)
    stores: tuple[str, ...]
