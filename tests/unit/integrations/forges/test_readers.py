"""From a request to a delivery, whatever the forge."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages import parse_message
from integrations.forges import READERS, Forged, Malformed, Unsigned, read
from tests.unit.integrations.forges import gitlab_payloads, payloads
from tests.unit.integrations.forges.payloads import NOW, SECRET

EXAMPLES: list[tuple[str, str, dict[str, Any]]] = [
    ("github", "push", payloads.push()),
    ("github", "workflow_run", payloads.workflow_run()),
    ("github", "check_run", payloads.check_run()),
    ("github", "status", payloads.status()),
    ("github", "pull_request", payloads.review_requested()),
    ("github", "pull_request", payloads.closed(merged=True, by=payloads.BOB)),
    ("github", "pull_request_review", payloads.review("approved")),
    ("github", "issue_comment", payloads.issue_comment(on_pull=True)),
    ("gitea", "push", payloads.push()),
    ("gitea", "pull_request_approved", payloads.gitea_review("pull_request_review_approved")),
    ("gitlab", "", gitlab_payloads.push()),
    ("gitlab", "", gitlab_payloads.pipeline()),
    ("gitlab", "", gitlab_payloads.merge_request("open", reviewers=[gitlab_payloads.BOB])),
    ("gitlab", "", gitlab_payloads.merge_request("approved", by=gitlab_payloads.BOB)),
    ("gitlab", "", gitlab_payloads.note()),
]


def headers_of(source: str, event: str, body: bytes) -> dict[str, str]:
    if source == "gitlab":
        return payloads.gitlab_headers("Some Hook")
    return (payloads.github_headers if source == "github" else payloads.gitea_headers)(event, body)


@pytest.mark.parametrize("source", READERS)
def test_nothing_is_read_before_the_signature(source: str) -> None:
    """What isn't even JSON is refused for its signature."""
    with pytest.raises(Unsigned):
        read(source, {}, b"{", SECRET, NOW)
    headers = headers_of(source, "push", b"other") | ({"x-gitlab-token": "wrong"} if source == "gitlab" else {})
    with pytest.raises(Forged):
        read(source, headers, b"{", SECRET, NOW)


@pytest.mark.parametrize("source", READERS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a": NaN}', b"\xff"])
def test_what_is_signed_and_wrong_is_malformed(source: str, body: bytes) -> None:
    """And the complaint doesn't repeat the body."""
    with pytest.raises(Malformed):
        read(source, headers_of(source, "push", body), body, SECRET, NOW)


@pytest.mark.parametrize("source", READERS)
def test_a_delivery_without_an_id_is_malformed(source: str) -> None:
    """It could not be told from a repetition."""
    body = payloads.encoded(gitlab_payloads.push() if source == "gitlab" else payloads.push())
    headers = headers_of(source, "push", body)
    for name in list(headers):
        if "delivery" in name or "uuid" in name or "idempotency" in name:
            headers[name] = "x" * 500
    with pytest.raises(Malformed, match="delivery's id"):
        read(source, headers, body, SECRET, NOW)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_each_is_a_message_that_the_hub_knows(number: int) -> None:
    """As its schema says."""
    source, event, payload = EXAMPLES[number]
    body = payloads.encoded(payload)
    delivery = read(source, headers_of(source, event, body), body, SECRET, NOW)
    assert len(delivery.events) == 1
    message = delivery.events[0].message
    assert parse_message(message.type, message.model_dump(mode="json")) == message
    assert delivery.repository == "acme/shop"


def _places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    places = [path] if path else []
    if isinstance(value, dict):
        return places + [place for key, inner in value.items() for place in _places(inner, (*path, key))]
    if isinstance(value, list):
        return places + [place for key, inner in enumerate(value) for place in _places(inner, (*path, key))]
    return places


_VALUES: list[Any] = [None, True, 0, -1, 2**63, 1.5, "", "x", "\x00", "é" * 30_000, [], [1], [{}], {}, {"id": []}]


@given(data=st.data())
def test_whatever_is_signed_is_taken_or_malformed(data: st.DataObject) -> None:
    """A forge's next version, or its fault, is no fault of the hub's."""
    source, event, payload = data.draw(st.sampled_from(EXAMPLES))
    odd = orjson.loads(payloads.encoded(payload))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(_places(odd)))
        node = odd
        for part in place[:-1]:
            node = node[part]
        # A copy: put into itself it is no JSON, and changed it makes the next example another one.
        node[place[-1]] = deepcopy(data.draw(st.sampled_from(_VALUES)))
    body = payloads.encoded(odd)
    try:
        delivery = read(source, headers_of(source, event, body), body, SECRET, NOW)
    except Malformed as error:
        assert len(str(error)) < 300  # noqa: PT017 - either outcome is right
    else:
        for found in delivery.events:
            parse_message(found.message.type, found.message.model_dump(mode="json"))
