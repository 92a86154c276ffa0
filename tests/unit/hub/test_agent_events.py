"""Parts of events, as the hub describes them."""

from __future__ import annotations

from agents.sessions.events import Citation, Retrieved
from hub.agent_events import CitationState, RetrievedState
from hub.schemas import schemas_of


def test_parts_are_those_of_the_agents_and_may_grow() -> None:
    """The same fields; clients are told of no end to them."""
    for described, own in ((CitationState, Citation), (RetrievedState, Retrieved)):
        assert described.model_fields.keys() == own.model_fields.keys()
        schema = schemas_of([described])[described.__name__]
        assert "additionalProperties" not in schema
        assert set(schema["required"]) == own.model_fields.keys()
