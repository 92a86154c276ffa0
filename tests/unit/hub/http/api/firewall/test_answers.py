"""What the API answers."""

from __future__ import annotations

from dataclasses import fields

from hub.http.api.firewall import answers
from hub.schemas import schemas_of
from integrations.error_firewall.model import Decision, Status
from integrations.error_firewall.tally import Statistics


def test_words_are_listed() -> None:
    """Clients see which there are."""
    schemas = schemas_of([answers.FirewallVerdict, answers.ErrorRecord])
    assert schemas["FirewallVerdict"]["properties"]["decision"]["enum"] == [*Decision]
    assert schemas["ErrorRecord"]["properties"]["status"]["enum"] == [*Status]


def test_statistics_name_every_number_of_the_firewall() -> None:
    """One that is new there is missing here until it is added."""
    named = {field.name for field in fields(Statistics)} - {"degraded"}
    assert named <= set(answers.FirewallStatistics.model_fields)
