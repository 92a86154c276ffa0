"""What results of stages are made of: places in a text, and what was found there.

A span (`start`, `end`) counts characters of `Text.text`, end excluded, and `Text.text[start:end]` is what it is about.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Format = Literal["pdf", "docx", "xlsx", "html", "md", "txt", "image"]
Rows = tuple[tuple[str, ...], ...]


class Value(BaseModel):
    """Base of all that is in results: immutable and exact."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Span(Value):
    """A place in the text."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


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


class Section(Span):
    """A section with all that is below it; the span begins with its heading.

    Attributes:
        parent: index of the section that it is part of.
        body: where the text after the heading begins; a clause with a number and no heading has an empty title.
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


class Work(Span):
    """A work: `id` is `w1`, `w2`, ... in the order of the text."""

    id: str
    name: str
    section: int | None = None
    confidence: float = Field(1.0, ge=0, le=1, description="of the best candidate that names it")


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
    confidence: float = Field(1.0, ge=0, le=1, description="how surely the evidence says so")


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
    """A number with a unit, such as 25 мм; the value of a range is `10..15`, that of a size `200x300`."""

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


class Issue(Value):
    """Why a document isn't better."""

    code: str
    penalty: int = Field(ge=0, le=100)
    reason: str
    recommendation: str


class Item(Span):
    """Something that only this type of document has, such as a requirement of a norm or a line of an estimate."""

    kind: str
    text: str
    data: dict[str, Any] = Field(default_factory=dict)


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
