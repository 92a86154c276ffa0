"""The rows of users."""

from __future__ import annotations

from hub.http.api.my import rows
from hub.http.api.table import ENDPOINTS


def test_they_are_in_the_table() -> None:
    """All of them, and nothing else that is below `/my` or `/auth`."""
    assert [row for row in ENDPOINTS if row.path.startswith(("/my/", "/auth/"))] == list(rows.ROWS)
