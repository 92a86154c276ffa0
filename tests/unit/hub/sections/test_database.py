"""The options of the database: no password where it would be shown, and nothing that contradicts itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.settings import SettingsError, describe
from tests.live import settings_for

URL = "postgresql://db.example.com:5433/hub?sslmode=verify-full"


@pytest.mark.parametrize(
    "url",
    [
        "",
        URL,
        "postgres://db/hub",
        "postgresql://me@db/hub",
        "postgresql://one:5432,two:5432/hub?target_session_attrs=primary",
        "postgresql:///hub?host=/var/run/postgresql",
        "postgresql://",
    ],
)
def test_addresses(url: str) -> None:
    """As libpq and asyncpg have them."""
    assert settings_for(database__url=url).database.url == url


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db/hub",
        "postgresql://me:secret-word@db/hub",
        "postgresql://db/hub?password=secret-word",
        "postgresql://db/hub?sslmode=require&password=secret-word",
        "db/hub",
    ],
)
def test_an_address_that_can_not_be_used(url: str) -> None:
    """Such as one with a password in it, which the error doesn't repeat."""
    with pytest.raises(SettingsError, match=r"database\.url: expected postgresql://") as caught:
        settings_for(database__url=url)
    assert "secret-word" not in str(caught.value)


def test_a_password_from_a_file(tmp_path: Path) -> None:
    """Without its line feed; it is never shown."""
    file = tmp_path / "password"
    file.write_text("secret-word\n")
    settings = settings_for(database__url=URL, database__user="me", database__password_file=str(file))
    assert settings.database.password.get_secret_value() == "secret-word"
    assert "secret-word" not in describe(settings)
    assert "secret-word" not in repr(settings)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"user": "me"}, "database.user: needs database.url"),
        ({"password": "x"}, "database.password: needs database.url"),
        ({"url": "postgresql://me@db/hub", "user": "me"}, "database.user: database.url names a user already"),
        ({"url": URL, "password_file": "/nonexistent"}, "database.password_file: can't be read: No such file"),
        ({"url": URL, "password_file": "/dev/null"}, "database.password_file: is empty"),
        ({"url": URL, "password": "x", "password_file": "/dev/null"}, "give password or password_file, not both"),
        ({"min_size": 9, "max_size": 8}, "database.min_size: is 9, above database.max_size (8)"),
        ({"shrink_below": 80}, "database.shrink_below: is 80.0, not below database.grow_above (80.0)"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], problem: str) -> None:
    """Each is named, with what is wrong."""
    with pytest.raises(SettingsError) as caught:
        settings_for(**{f"database__{name}": value for name, value in options.items()})
    assert problem in str(caught.value)
