"""What the fourteen stages make of a document, in their order.

Results are values: they are written to the journal as JSON, and read back when a job goes on after a kill. A span
(`start`, `end`) counts characters of `Text.text`, end excluded, and `Text.text[start:end]` is what it is about.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

Format = Literal["pdf", "docx", "xlsx", "html", "md", "txt", "image"]
Rows = tuple[tuple[str, ...], ...]


class Value(BaseModel):
    """Base of all that is in results: immutable and exact."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Result(Value):
    """What a stage made.

    Attributes:
        log: one line for people about what it found; goes out with the stage's update.
    """

    log: str


class Span(Value):
    """A place in the text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


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


class Page(Span):
    """A page, or a sheet of a workbook."""

    number: int = Field(ge=1)
    title: str | None = Field(None, description="name of a sheet")


class TableText(Span):
    """A table as the format gave it; the span is its rendering in the text, one line per row, cells parted by ` | `."""

    rows: Rows


class HeadingText(Span):
    """A heading as the format marked it."""

    level: int = Field(ge=1, le=9)


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


class Section(Span):
    """A section with all that is below it; the span begins with its heading.

    Attributes:
        parent: index of the section that it is part of.
        body: where the text after the heading begins.
    """

    number: str | None = Field(None, description="such as 5.2.1 or А.1, without a full stop at the end")
    title: str
    level: int = Field(ge=1)
    parent: int | None = None
    body: int = Field(ge=0)


class Table(Span):
    """A table; `section` is an index into sections."""

    number: str | None = None
    caption: str | None = None
    section: int | None = None
    rows: Rows


class Figure(Span):
    """A figure's caption."""

    number: str | None = None
    caption: str | None = None
    section: int | None = None


class Structure(Result):
    """5: sections in the order of the text, tables, figures."""

    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]
    completeness: float = Field(ge=0, le=1, description="share of the text that lies in a section with a heading")


# 6 and 7: works.


class Candidate(Span):
    """A place that may name a work: something that is done on a site or in a project.

    Attributes:
        text: the work, as it stands there.
        rule: what found it.
    """

    text: str
    section: int | None = None
    rule: str
    confidence: float = Field(ge=0, le=1)


class Candidates(Result):
    """6: candidates in the order of the text."""

    candidates: tuple[Candidate, ...]


class Work(Span):
    """A work: `id` is `w1`, `w2`, ... in the order of the text."""

    id: str
    name: str
    section: int | None = None


class Entity(Span):
    """Something named: `kind` is such as `norm`, `organisation`, `machine`, `role`, `material`."""

    kind: str
    text: str


class Dependency(Value):
    """`before` is done before `after` (ids of works); the evidence is a span of the text."""

    before: str
    after: str
    rule: str
    evidence: Span | None = None


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


class Dated(Span):
    """A date; `value` is ISO 8601, with as much as is told: 2019, 2019-06 or 2019-06-24."""

    text: str
    value: str


class Money(Span):
    """A sum; `amount` in units of the currency (ISO 4217), as a decimal number."""

    text: str
    amount: str
    currency: str


class Quantity(Span):
    """A number with a unit, such as 25 мм."""

    text: str
    value: str
    unit: str


class Material(Span):
    """A material with its grade as it stands there, such as `бетон B25`."""

    text: str
    name: str
    grade: str | None = None


class Reference(Span):
    """Another document that this one names, such as `ГОСТ 27751-2014`."""

    text: str
    designation: str


class Metadata(Result):
    """8: what the text says, each with its place. Nothing is here that doesn't stand in the text."""

    title: str | None = None
    dates: tuple[Dated, ...] = ()
    money: tuple[Money, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    materials: tuple[Material, ...] = ()
    references: tuple[Reference, ...] = ()


class Issue(Value):
    """Why a document isn't better."""

    code: str
    penalty: int = Field(ge=0, le=100)
    reason: str
    recommendation: str


class Quality(Result):
    """9: how well the document was understood: 100 minus the penalties, not below 0."""

    score: int = Field(ge=0, le=100)
    issues: tuple[Issue, ...] = ()


class Item(Span):
    """Something that only this type of document has, such as a requirement of a norm or a line of an estimate."""

    kind: str
    text: str
    data: dict[str, Any] = Field(default_factory=dict)


class Processing(Result):
    """10: what the handler for the document's type found."""

    handler: str
    items: tuple[Item, ...] = ()


# 11 and 12: sequences.


class Step(Value):
    """One work of a sequence; `depends_on` are ids of works that come before."""

    work: str
    name: str
    order: int = Field(ge=1)
    depends_on: tuple[str, ...] = ()
    duration_days: float | None = Field(None, ge=0, description="as the text says")


class WorkSequence(Value):
    """Works that depend on each other, in an order in which they can be done.

    Attributes:
        priority: how many works wait for those of this sequence, all in all.
        quality: mean confidence, 0 to 1.
    """

    name: str
    steps: tuple[Step, ...]
    priority: int = Field(ge=0)
    quality: float = Field(ge=0, le=1)


class Sequences(Result):
    """11: sequences, the one with the highest priority first."""

    sequences: tuple[WorkSequence, ...]


class SavedSequences(Result):
    """12: where they were written."""

    saved: int = Field(ge=0)
    stores: tuple[str, ...]


# 13 and 14: the index.


class Chunk(Span):
    """A piece of the text that is found as one.

    Attributes:
        id: UUIDv5 of the document's file hash and the chunk's number.
        text: `Text.text[start:end]`.
        path: headings above it, from the outermost.
    """

    id: str
    number: int = Field(ge=0)
    text: str
    kind: Literal["text", "table"]
    path: tuple[str, ...] = ()
    page: int | None = None
    tokens: int = Field(ge=1)


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
