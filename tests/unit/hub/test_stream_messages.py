"""The models of streams' messages. Whether they are what a hub sends: tests/integration/test_events_messages.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from hub.stream_messages import MESSAGES, OWN
from hub.wire_messages import MESSAGES as OF_WEBSOCKETS

PROTOCOL = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")


def test_every_message_is_there_once() -> None:
    """Under a name of its own, also beside those of WebSockets; with a line that says what it means."""
    assert len({model.__name__ for model in (*OF_WEBSOCKETS, *OWN)}) == len({*OF_WEBSOCKETS, *OWN})
    assert len(set(MESSAGES)) == len(MESSAGES)
    assert all(model.__doc__ for model in OWN)


def test_the_page_has_the_same_fields() -> None:
    """docs/protocol.md, section 7, writes each of them out."""
    section = PROTOCOL.split("\n## 7. Event streams\n", 1)[1].split("\n## ", 1)[0]
    for model in OWN:
        (kind,) = get_args(model.model_fields["type"].annotation)
        (text,) = re.findall(rf'`(\{{"type": "{kind}"[^`]*\}})`', section)
        assert set(re.findall(r'"(\w+)"', text)) - {kind, "connected"} == set(model.model_fields)
