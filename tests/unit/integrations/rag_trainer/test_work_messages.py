"""What a hub and its workers say to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.work_messages import Order, decode, encode, encode_order
from tests.rag_jobs import options_in


def test_an_order_comes_back_with_its_secrets(tmp_path: Path) -> None:
    """They are in the line, and in no text about it."""
    embedding = EmbeddingOptions(api_key=SecretStr("hunter2"))
    order = Order(task="train", options=options_in(tmp_path, "/").model_copy(update={"embedding": embedding}))
    line = encode_order(order)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert Order.model_validate(decode(line)["order"]) == order
    assert "hunter2" not in repr(order)


@pytest.mark.parametrize("line", [b"", b"noise", b"[]", b"1", b'{"a": 1}', b'{"kind": 1}', b"\xff"])
def test_what_is_no_message_is_refused(line: bytes) -> None:
    """So that it can be left out."""
    with pytest.raises(ValueError, match=r"."):
        decode(line)
    assert decode(encode("ask", id=1)) == {"kind": "ask", "id": 1}
