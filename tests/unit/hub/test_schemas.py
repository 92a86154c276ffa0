"""JSON Schemas of models."""

from __future__ import annotations

from pydantic import BaseModel

from hub.schemas import reference, schemas_of


class Inner(BaseModel):
    """What is inside."""

    some_number: int


class Outer(BaseModel):
    """What is outside."""

    inner: Inner


def test_schemas_stand_side_by_side() -> None:
    """What a model holds has a schema of its own, which the model refers to."""
    schemas = schemas_of([Outer])
    assert set(schemas) == {"Inner", "Outer"}
    assert schemas["Outer"]["properties"]["inner"] == reference(Inner) == {"$ref": "#/components/schemas/Inner"}


def test_fields_have_no_titles() -> None:
    """A name needs no second one."""
    assert schemas_of([Inner])["Inner"]["properties"] == {"some_number": {"type": "integer"}}
