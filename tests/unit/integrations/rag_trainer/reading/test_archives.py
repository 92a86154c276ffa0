"""Archives of XML that may be hostile."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.archives import Archive, check_directory, checked
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import write_zip


def _zip(tmp_path: Path, **members: bytes) -> bytes:
    return write_zip(tmp_path / "a.zip", {f"{name}.xml": data for name, data in members.items()}).read_bytes()


def _archive(data: bytes, limits: Limits | None = None) -> Archive:
    return Archive(data, limits or Limits(), lambda name: name.endswith(".xml"))


def _fails(reason: str, data: bytes, limits: Limits | None = None, part: str = "a.xml") -> None:
    with pytest.raises(StageFailed) as caught:
        _archive(data, limits).xml(part)
    assert caught.value.reason == reason


def test_wanted_parts_are_read_and_copied(tmp_path: Path) -> None:
    """What isn't wanted is not there."""
    data = write_zip(tmp_path / "a.zip", {"a.xml": b"<a/>", "media/b.png": b"no XML"}).read_bytes()
    archive = _archive(data)
    assert "a.xml" in archive
    assert "media/b.png" not in archive
    assert archive.xml("a.xml").tag == "a"
    with zipfile.ZipFile(archive.copy()) as copy:
        assert {name: copy.read(name) for name in copy.namelist()} == {"a.xml": b"<a/>"}


def test_a_bomb_is_known_by_its_directory(tmp_path: Path) -> None:
    """300 MB in 300 kB: nothing of it is unpacked."""
    data = _zip(tmp_path, a=b"<a>" + b" " * (300 << 20))
    tracemalloc.start()
    _fails("zip_bomb", data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_directory_that_lies_is_held_to_what_it_says(tmp_path: Path) -> None:
    """50 MB that are said to be 10 bytes: at most 10 come out, and the sum doesn't match."""
    data = _zip(tmp_path, a=b"<a>" + b" " * (50 << 20))
    lying = data.replace(struct.pack("<L", (50 << 20) + 3), struct.pack("<L", 10))
    assert lying != data
    archive = _archive(lying)
    tracemalloc.start()
    with pytest.raises(zipfile.BadZipFile):
        archive.read("a.xml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_too_many_parts_are_a_bomb(tmp_path: Path) -> None:
    """Before a list of a million entries is made, and after."""
    data = write_zip(tmp_path / "a.zip", {f"{number:0200}.xml": b"" for number in range(60)}).read_bytes()
    _fails("zip_bomb", data, Limits(archive_parts=59))
    with pytest.raises(StageFailed) as caught:
        check_directory(io.BytesIO(data), Limits(archive_parts=10))
    assert caught.value.reason == "zip_bomb"
    check_directory(io.BytesIO(b"no archive"), Limits())


def test_encrypted_parts_are_named(tmp_path: Path) -> None:
    """By the flag of the entry."""
    data = bytearray(_zip(tmp_path, a=b"<a/>"))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    _fails("encrypted", bytes(data))


def test_documents_that_define_entities_are_refused(tmp_path: Path) -> None:
    """A billion laughs, a file from outside, and the same in UTF-16 and in an encoding that hides it."""
    laughs = '<!DOCTYPE a [<!ENTITY b "haha"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    outside = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    for text in (laughs, outside):
        _fails("corrupt", _zip(tmp_path, a=text.encode()))
        _fails("corrupt", _zip(tmp_path, a=text.encode("utf-16")))
    _fails("corrupt", _zip(tmp_path, a=b'<?xml version="1.0" encoding="UTF-7"?>+ADwAYQ-/+AD4-'))
    _fails("corrupt", _zip(tmp_path, a=outside.encode("cp037")))


def test_too_many_tags_are_refused_before_a_tree_is_made(tmp_path: Path) -> None:
    """The bound is exact."""
    _fails("too_complex", _zip(tmp_path, a=b"<a>" + b"<b/>" * 10 + b"</a>"), Limits(xml_nodes=11))
    _archive(_zip(tmp_path, a=b"<a>" + b"<b/>" * 10 + b"</a>"), Limits(xml_nodes=12)).xml("a.xml")


def test_xml_is_checked_in_each_encoding_that_office_writes() -> None:
    """UTF-8 and UTF-16, with a mark or without."""
    for data in (b"<a/>", b"\xef\xbb\xbf<a/>", "<a/>".encode("utf-16"), b'<?xml version="1.0" encoding="UTF-8"?><a/>'):
        assert checked(data, "a") == data
