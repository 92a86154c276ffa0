"""What encodings of event streams have in common."""

from __future__ import annotations

import json

import pytest

from hub.dialects.stream import one_line


@pytest.mark.parametrize("text", ['{\n "a": 1,\r\n "b": "x\\ny"\r}', "[1,\n2]", '{"a":"é\u2028"}', "{}"])
def test_json_on_one_line_means_the_same(text: str) -> None:
    """In-process publishers may hand in JSON with line breaks; both formats end something there."""
    line = one_line(text.encode())
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line) == json.loads(text)


def test_what_is_on_one_line_is_not_copied() -> None:
    """The usual case costs two searches."""
    payload = b'{"a":1}'
    assert one_line(payload) is payload
