"""What the API answers about deliveries."""

from __future__ import annotations

import orjson

from hub.deliveries.verdict import Verdict
from hub.http.api.answers import encode_answer
from hub.http.api.delivery_answers import Delivery, DeliveryPublication


def test_the_words_are_those_that_there_are() -> None:
    """In the document, too."""
    assert Delivery.model_json_schema()["properties"]["verdict"]["enum"] == [str(verdict) for verdict in Verdict]


def test_what_history_does_not_have_is_absent() -> None:
    """Never null."""
    publication = DeliveryPublication(epoch="a", offset=3, in_history=False)
    assert orjson.loads(encode_answer(publication)) == {"epoch": "a", "offset": 3, "in_history": False}
