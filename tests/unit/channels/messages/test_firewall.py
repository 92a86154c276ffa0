"""The error firewall's messages. What all messages have in common is in test_catalog.py."""

from __future__ import annotations

import pytest

from channels.messages import MESSAGES, InvalidMessage, parse_message
from tests.message_examples.firewall import EXAMPLES

SIX = ("error_id", "error_scene", "error_type", "solution", "confidence", "status")


@pytest.mark.parametrize("type", EXAMPLES)
@pytest.mark.parametrize("field", SIX)
def test_the_six_fields_are_always_there(type: str, field: str) -> None:
    """A reader needs no test for whether they exist; null says that there is nothing."""
    assert field in MESSAGES[type].model_json_schema()["required"]
    assert field in EXAMPLES[type]


@pytest.mark.parametrize("type", EXAMPLES)
def test_without_a_match_they_are_null(type: str) -> None:
    """But the operation, which is always known, and the status."""
    data = {**EXAMPLES[type], **dict.fromkeys(("error_id", "error_type", "solution", "confidence"), None)}
    assert parse_message(type, data).model_dump(mode="json") == data
    for field in ("error_scene", "status"):
        with pytest.raises(InvalidMessage, match=f"/{field}: "):
            parse_message(type, {**data, field: None})


@pytest.mark.parametrize("type", EXAMPLES)
@pytest.mark.parametrize("confidence", [-0.1, 1.1, 95.5, float("nan")])
def test_confidence_is_a_share(type: str, confidence: float) -> None:
    """Between 0 and 1, so that nobody has to guess whether it is percent."""
    with pytest.raises(InvalidMessage, match="/confidence: "):
        parse_message(type, {**EXAMPLES[type], "confidence": confidence})


@pytest.mark.parametrize("type", EXAMPLES)
def test_the_status_tells_what_happened(type: str) -> None:
    """One word for each type."""
    with pytest.raises(InvalidMessage, match="/status: "):
        parse_message(type, {**EXAMPLES[type], "status": "intercepted"})
