"""The section `redis`: what may be written there."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.sections.redis import RedisOptions


@pytest.mark.parametrize(
    "url", ["", "redis://127.0.0.1:6379/0", "rediss://redis.internal", "unix:///run/valkey.sock", "redis://a:1,b:2"]
)
def test_urls(url: str) -> None:
    """Of one server or several; none is no Redis."""
    assert RedisOptions(url=url).url == url


@pytest.mark.parametrize(
    "url", ["127.0.0.1:6379", "http://a", "redis://:secret@a", "redis://u:secret@a/0", "redis://a?db=1"]
)
def test_a_url_with_a_password_is_refused(url: str) -> None:
    """It would be shown wherever the configuration is."""
    with pytest.raises(ValidationError):
        RedisOptions(url=url)


def test_a_password_is_not_shown() -> None:
    """Neither printed nor dumped."""
    options = RedisOptions(url="redis://a", password="swordfish")  # type: ignore[arg-type]
    assert "swordfish" not in repr(options)
    assert "swordfish" not in str(options.model_dump())


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "many"},
        {"when_away": "wait"},
        {"spool_publications": 0},
        {"prefix": "a b"},
        {"prefix": ""},
        {"lease": -1},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    """When the configuration is read."""
    with pytest.raises(ValidationError):
        RedisOptions.model_validate(wrong)
