"""The firewall's rows of the table."""

from __future__ import annotations

from channels.errors import ErrorCode
from hub.http.api.endpoint import Who
from hub.http.api.firewall.rows import ROWS


def test_operators_decide_and_services_ask() -> None:
    """What changes an entry's life, and what reads other callers' parameters out of the books, is for operators."""
    operators = {f"{row.method} {row.path.removeprefix('/api/firewall')}" for row in ROWS if row.who is Who.OPERATOR}
    assert operators == {
        "POST /records/{record}/solution",
        "POST /records/{record}/suggest",
        "POST /records/{record}/confirm",
        "POST /records/{record}/retire",
        "POST /rules",
        "PUT /rules/{rule}",
        "DELETE /rules/{rule}",
        "POST /rules/{rule}/confirm",
        "POST /rules/{rule}/retire",
        "GET /verdicts",
    }
    assert {row.who for row in ROWS} == {Who.OPERATOR, Who.CALLER}


def test_each_may_be_off() -> None:
    """And has a place in the documents."""
    for row in ROWS:
        assert ErrorCode.NOT_FOUND in row.errors
        assert (row.tag, row.path.startswith("/api/firewall/")) == ("firewall", True)
