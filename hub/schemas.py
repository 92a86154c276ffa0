"""JSON Schemas of models, as they stand in the generated documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

REFERENCE = "#/components/schemas/{model}"
"""Where OpenAPI and AsyncAPI look for schemas."""


class _Plain(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes of names: they say nothing that the names don't."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schemas_of(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """Return the schemas of `models` and of all that they hold, by name. They refer to each other by `REFERENCE`."""
    _, document = models_json_schema(
        [(model, "validation") for model in models], ref_template=REFERENCE, schema_generator=_Plain
    )
    schemas: dict[str, Any] = document.get("$defs", {})
    return schemas


def reference(model: type[BaseModel]) -> dict[str, str]:
    """Return a reference to a model's schema."""
    return {"$ref": REFERENCE.format(model=model.__name__)}
