"""Publishing over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.policy import ANONYMOUS
from hub.descriptions import NotPlaced, Placed
from hub.http.api.answers import Results
from hub.http.api.bodies import PublishBatchBody, PublishBody
from hub.http.api.publishing import publish, publish_batch
from tests.unit.hub.http.api.calls import call, put_together


def body(**fields: Any) -> PublishBody:
    return PublishBody.model_validate({"channel": "system_alerts", "type": "note", "data": {"n": 1}} | fields)


async def test_a_publication_gets_its_position() -> None:
    """The answer names channel, epoch and offset, who was reached, and that it is new."""
    hub = put_together()
    answer = await publish(hub, call(body()))
    assert isinstance(answer, Placed)
    assert (answer.channel, answer.offset, answer.subscribers, answer.duplicate) == ("system_alerts", 1, 0, False)
    history = await hub.engine.history("system_alerts", None, None, 10)
    assert [publication.data for publication in history.publications] == [b'{"n":1}']
    assert answer.epoch == history.top.epoch


async def test_without_history_there_is_no_position() -> None:
    """A channel that keeps nothing gives no epoch and no offset."""
    hub = put_together(channels__named={"system_alerts": {"history_size": 0}})
    answer = await publish(hub, call(body()))
    assert isinstance(answer, Placed)
    assert (answer.epoch, answer.offset) == (None, None)


async def test_all_fields_reach_the_publication() -> None:
    """`key` and `except` are the publication's own."""
    hub = put_together(channels__named={"system_alerts": {"conflate": "key"}})
    await publish(hub, call(body(key="k", **{"except": "browser-7"})))
    (publication,) = (await hub.engine.history("system_alerts", None, None, 10)).publications
    assert (publication.key, publication.exclude) == ("k", "browser-7")


async def test_several_channels_have_a_result_each() -> None:
    """One refused channel doesn't keep the others from getting the publication."""
    hub = put_together()
    answer = await publish(hub, call(body(channel=None, channels=["system_alerts", "nope", "ai_analysis"])))
    assert isinstance(answer, Results)
    first, second, third = answer.results
    assert isinstance(first, Placed)
    assert isinstance(third, Placed)
    assert isinstance(second, NotPlaced)
    assert (second.channel, second.error.code) == ("nope", "unknown_channel")


async def test_one_channel_is_refused_as_a_whole() -> None:
    """With `channel` the refusal is the answer."""
    with pytest.raises(ReplyError) as refused:
        await publish(put_together(), call(body(), caller=ANONYMOUS))
    assert refused.value.code is ErrorCode.PERMISSION_DENIED


@pytest.mark.parametrize("where", ["body", "header", "both"])
async def test_an_idempotency_key_publishes_once(where: str) -> None:
    """The second time gives the first position; the key may stand in the body, in the header, or the same in both."""
    hub = put_together()
    fields = {} if where == "header" else {"idempotency_key": "k1"}
    headers = {} if where == "body" else {"Idempotency-Key": "k1"}
    first = await publish(hub, call(body(**fields), headers=headers))
    second = await publish(hub, call(body(**fields), headers=headers))
    assert isinstance(first, Placed)
    assert isinstance(second, Placed)
    assert (second.duplicate, second.epoch, second.offset) == (True, first.epoch, first.offset)


@pytest.mark.parametrize("key", ["", "x" * 129, "other"])
async def test_a_wrong_header_is_refused(key: str) -> None:
    """An empty or overlong header is no key, and two keys that differ leave open which one is meant."""
    with pytest.raises(ReplyError) as refused:
        await publish(put_together(), call(body(idempotency_key="k1"), headers={"Idempotency-Key": key}))
    assert refused.value.code is ErrorCode.INVALID_COMMAND


def batch(*channels: str) -> PublishBatchBody:
    items = [{"channel": name, "type": "note", "data": number} for number, name in enumerate(channels)]
    return PublishBatchBody.model_validate({"publications": items})


async def test_a_batch_is_published_in_order() -> None:
    """Each publication has its own result; a refused one doesn't end the batch."""
    hub = put_together()
    answer = await publish_batch(hub, call(batch("system_alerts", "nope", "system_alerts")))
    assert [isinstance(result, Placed) for result in answer.results] == [True, False, True]
    history = await hub.engine.history("system_alerts", None, None, 10)
    assert [publication.data for publication in history.publications] == [b"0", b"2"]


async def test_a_batch_has_a_limit() -> None:
    """More than `limits.batch` publications are refused, and none is published."""
    hub = put_together(limits__batch=2)
    with pytest.raises(ReplyError) as refused:
        await publish_batch(hub, call(batch("system_alerts", "system_alerts", "system_alerts")))
    assert refused.value.details == {"limit": 2}
    assert (await hub.engine.history("system_alerts", None, None, 10)).publications == ()


async def test_a_batch_takes_no_header() -> None:
    """One key for different publications would drop all but the first of each channel."""
    with pytest.raises(ReplyError):
        await publish_batch(put_together(), call(batch("system_alerts"), headers={"Idempotency-Key": "k"}))
