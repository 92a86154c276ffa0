"""The base of all that the hub sends."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError

from channels.errors import ErrorCode
from hub.descriptions import Described, Problem
from hub.schemas import schemas_of


class Sample(Described):
    """A sample."""

    always: str | None
    sometimes: int | None = None
    either: str | int | None = Field(None, description="one of two")


def test_none_by_default_means_absent() -> None:
    """The schema has no null there; a required field keeps it."""
    fields = schemas_of([Sample])["Sample"]["properties"]
    assert fields["always"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert fields["sometimes"] == {"type": "integer"}
    assert fields["either"] == {"anyOf": [{"type": "string"}, {"type": "integer"}], "description": "one of two"}


def test_clients_are_told_to_expect_more() -> None:
    """The schema lets unknown fields pass, as clients must; the model doesn't, so that tests find more than that."""
    assert "additionalProperties" not in schemas_of([Sample])["Sample"]
    with pytest.raises(ValidationError):
        Sample.model_validate({"always": "x", "new": 1})


def test_a_problem_has_one_of_the_codes() -> None:
    """The words of the table."""
    assert schemas_of([Problem])["Problem"]["properties"]["code"]["enum"] == [code.word for code in ErrorCode]
