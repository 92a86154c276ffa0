"""Bounds of a notifier."""

from __future__ import annotations

from typing import Any

import pytest

from hub.options import LimitOptions
from tocsin_client.limits import Limits


def test_a_request_fits_into_a_hub() -> None:
    """With the usual limits of both."""
    limits, hub = Limits(), LimitOptions()
    assert limits.batch <= hub.batch
    assert limits.batch_bytes + 128 * limits.batch < hub.message_bytes


@pytest.mark.parametrize("wrong", [{"queue": 0}, {"batch": -1}, {"drop": "all"}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """Naming the field."""
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: "):
        Limits(**wrong)
