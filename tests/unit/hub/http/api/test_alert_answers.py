"""What the API answers about alerts."""

from __future__ import annotations

import orjson

from channels.messages import SystemAlert
from hub.http.api.alert_answers import AlertState, RuleInNode, SilenceState
from hub.http.api.answers import encode_answer
from integrations.system_monitor.evaluation import State
from tests.message_examples.system import EXAMPLES


def test_an_answer_has_every_field_of_the_message() -> None:
    """And what only the hub knows."""
    assert set(SystemAlert.model_fields) <= set(AlertState.model_fields)
    more = set(AlertState.model_fields) - set(SystemAlert.model_fields)
    assert more == {"owner", "silenced_by", "acknowledged"}
    alert = SystemAlert.model_validate(EXAMPLES["alert"]).model_dump(mode="json")
    answer = AlertState(**alert, owner="n-1", silenced_by=[])
    assert orjson.loads(encode_answer(answer)) == {**alert, "owner": "n-1", "silenced_by": []}


def test_what_is_not_there_is_absent() -> None:
    """Never null."""
    silence = SilenceState(id="config-0", matchers={"name": "x"}, by="configuration", comment="")
    assert set(orjson.loads(encode_answer(silence))) == {"id", "matchers", "by", "comment"}


def test_the_states_of_rules_are_those_that_there_are() -> None:
    """In the document, too."""
    schema = AlertState.model_json_schema()
    assert schema["properties"]["status"]["enum"] == ["pending", "firing", "resolved"]
    assert RuleInNode.model_json_schema()["properties"]["state"]["enum"] == [str(state) for state in State]
