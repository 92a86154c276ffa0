"""Text in any encoding."""

from __future__ import annotations

import codecs
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.rag_trainer.reading.encodings import decode, looks_like_text
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, as_text

_RU = as_text(DOCUMENT_RU)
_EN = as_text(DOCUMENT_EN).replace("m³", "m3")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866", "iso8859-5"],
)
def test_russian_without_a_mark_is_known(encoding: str) -> None:
    """By its bytes alone."""
    decoded = decode(_RU.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.warnings) == (_RU, encoding, ())
    assert looks_like_text(_RU.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", [_RU, _EN], ids=["ru", "en"])
def test_a_byte_order_mark_decides(encoding: str, text: str) -> None:
    """And is no part of the text."""
    assert decode(text.encode(encoding)).text == text
    assert looks_like_text(text.encode(encoding))


def test_western_text_is_cp1252_or_latin_1() -> None:
    """High bytes stand alone among Latin letters."""
    text = "The café’s façade – naïve “details” in the résumé"
    assert decode(text.encode("cp1252")).text == text
    assert decode(b"caf\xe9 \x81 na\xefve").encoding == "latin-1"


def test_english_in_utf_16_without_a_mark_is_known() -> None:
    """Every other byte is zero."""
    assert decode(_EN.encode("utf-16-le")).text == _EN


def test_what_is_declared_counts_where_it_can_be() -> None:
    """It never beats UTF-8, and nonsense or Python's own codecs are no declaration."""
    short = "Щит".encode("cp866")
    assert decode(short, "cp866").text == "Щит"
    assert decode("Щит".encode(), "cp866").text == "Щит"
    for name in ("nonsense", "rot13", "zip", "idna", "unicode_escape\0"):
        assert decode(_RU.encode("cp1251"), name).text == _RU


def test_a_cut_in_utf_8_is_replaced_and_said() -> None:
    """The rest of the text is sure."""
    decoded = decode(_RU.encode()[:-2] + b"\xd0")
    assert decoded.encoding == "utf-8"
    assert decoded.text.endswith("\ufffd")
    assert "U+FFFD" in decoded.warnings[0]


@pytest.mark.parametrize(
    "parts",
    [("utf-8", "cp1251"), ("cp1251", "utf-8"), ("cp1251", "koi8-r"), ("koi8-r", "cp866"), ("utf-8-sig", "cp1251")],
    ids="+".join,
)
def test_mixed_encodings_are_a_named_failure(parts: tuple[str, str]) -> None:
    """Whichever was chosen, the other part would be noise in the index."""
    data = b"".join((_RU * 8).encode(encoding) for encoding in parts)
    with pytest.raises(StageFailed) as caught:
        decode(data)
    assert caught.value.reason == "mixed_encodings"


def test_zero_bytes_that_are_no_utf_16_are_no_text() -> None:
    """A binary."""
    with pytest.raises(StageFailed) as caught:
        decode(b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8")
    assert caught.value.reason == "not_text"
    assert not looks_like_text(b"\x7fELF\2\1\1\0\0\0\0\0")
    assert not looks_like_text(bytes(range(32)) * 10)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_named_failure(data: bytes) -> None:
    """And what comes out is text that can be written again, or halves of pairs that cleaning takes care of."""
    with suppress(StageFailed):
        assert codecs.lookup(decode(data).encoding)


def test_a_few_megabytes_are_decoded_in_bounded_time() -> None:
    """Linear in the data, with an old encoding and with the worst for the patterns."""
    start = time.process_time()
    decode((_RU * 2_500).encode("cp1251"))
    decode(b"a\xe0" * 500_000)
    assert time.process_time() - start < 5
