"""What requests about accounts carry."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from hub.http.api.my.account_bodies import LoginBody, PasswordBody, RefreshBody, RegisterBody
from hub.schemas import schemas_of
from hub.wire import explain

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    "body",
    [
        RegisterBody.model_validate({"email": "ada@example.org", "password": PASSWORD}),
        LoginBody.model_validate({"email": "ada@example.org", "password": PASSWORD}),
        PasswordBody.model_validate({"current": PASSWORD, "new": PASSWORD}),
        RefreshBody.model_validate({"refresh_token": PASSWORD}),
    ],
)
def test_no_secret_is_shown(body: BaseModel) -> None:
    """Neither by repr, nor by str: they end up in logs."""
    assert PASSWORD not in repr(body)
    assert PASSWORD not in str(body)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "ada@example.org"},
        {"email": "ada@example.org", "password": "short"},
        {"email": "ada@example.org", "password": "x" * 201},
        {"email": "ada@example.org", "password": PASSWORD, "admin": True},
        {"email": "ada@example.org", "password": PASSWORD, "name": "a\x00b"},
        {"email": "ada@example.org", "password": PASSWORD, "name": "x" * 101},
        {"email": 7, "password": PASSWORD},
    ],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    """Before anything is hashed."""
    with pytest.raises(ValidationError):
        RegisterBody.model_validate(wrong)


@pytest.mark.parametrize("length", [5, 201])
def test_the_length_of_a_password_is_told_in_characters(length: int) -> None:
    """What is wrong, and never the password."""
    with pytest.raises(ValidationError) as caught:
        RegisterBody.model_validate({"email": "ada@example.org", "password": "x" * length})
    assert explain(caught.value) == f"password: expected 10 to 200 characters, got {length}"


def test_people_who_read_the_document_know_the_rules() -> None:
    """Length and meaning stand in the schema, and that it is a password."""
    schema = schemas_of([RegisterBody])["RegisterBody"]["properties"]["password"]
    assert (schema["minLength"], schema["maxLength"], schema["format"]) == (10, 200, "password")
    assert "at least 5 different ones" in schema["description"]
