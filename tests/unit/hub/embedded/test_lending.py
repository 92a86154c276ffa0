"""Settings for who uses an embedded server."""

from __future__ import annotations

from hub.embedded.lending import lent
from tests.live import settings_for


def test_addresses_are_put_in_their_sections() -> None:
    """And nothing else is changed, in a copy."""
    settings = settings_for(redis__prefix="mine")
    told = lent(settings, {"redis": "unix:///run/valkey.sock", "database": "postgresql://tocsin@/tocsin?host=/run"})
    assert (told.redis.url, told.redis.prefix) == ("unix:///run/valkey.sock", "mine")
    assert told.database.url == "postgresql://tocsin@/tocsin?host=/run"
    assert (settings.redis.url, settings.database.url) == ("", "")
    assert lent(settings, {}) == settings
