"""The section `delivery_records`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.sections.delivery_records import DeliveryRecordsOptions


def test_an_hour_is_remembered() -> None:
    """Of as many sessions as a hub has connections."""
    options = DeliveryRecordsOptions()
    assert (options.seconds, options.sessions, options.events) == (3600.0, 10_000, 100)


def test_bounds() -> None:
    """No session that is over need be remembered; what is remembered has a bound."""
    assert DeliveryRecordsOptions(sessions=0).sessions == 0
    for wrong in ({"sessions": -1}, {"seconds": 0}, {"events": 0}):
        with pytest.raises(ValidationError):
            DeliveryRecordsOptions.model_validate(wrong)
