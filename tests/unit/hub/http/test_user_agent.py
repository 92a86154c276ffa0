"""What a client calls itself."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from hub.http.user_agent import user_agent_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"),
        ("x" * 1000, "x" * 128),
        ("\x1b[31mred\tand \N{BELL}", "?[31mred?and ?"),
        ("<script>", "<script>"),
        (None, ""),
    ],
)
def test_it_is_short_and_visible(said: str | None, kept: str) -> None:
    """Whoever shows it, on a page or a terminal, still has to treat it as text."""
    headers = {} if said is None else {"User-Agent": said}
    assert user_agent_of(make_mocked_request("GET", "/ws", headers=headers)) == kept
