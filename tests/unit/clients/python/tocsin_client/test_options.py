"""Bounds of a subscribing client."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin_client.options import Options


@pytest.mark.parametrize("wrong", [{"heartbeat": 0}, {"queue": -1}, {"requests": 0}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """Naming the field."""
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: expected more than 0"):
        Options(**wrong)
