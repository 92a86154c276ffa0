"""Stage 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.results import Text
from integrations.rag_trainer.stage import StageFailed
from integrations.rag_trainer.stages.duplicates import DuplicateChecking
from integrations.rag_trainer.stages.extraction import TextExtraction
from integrations.rag_trainer.stages.validation import InitialValidation
from tests.rag_documents import (
    DOCUMENT_EN,
    DOCUMENT_RU,
    Block,
    as_text,
    write_docx,
    write_html,
    write_md,
    write_pdf,
    write_txt,
    write_xlsx,
)


def _draft(path: Path) -> Draft:
    draft = Draft(Source(path, path.name))
    draft.put(InitialValidation(Limits()).run(draft))
    return draft


def _run(path: Path) -> Text:
    return TextExtraction(Limits()).run(_draft(path))


def _reason(draft: Draft, stage: TextExtraction | None = None) -> str:
    with pytest.raises(StageFailed, match="Expected") as caught:
        (stage or TextExtraction(Limits())).run(draft)
    return caught.value.reason


@pytest.mark.parametrize(("blocks", "language"), [(DOCUMENT_RU, "ru"), (DOCUMENT_EN, "en")], ids=["ru", "en"])
def test_every_format_gives_the_same_text(tmp_path: Path, blocks: list[Block], language: str) -> None:
    """One document in five formats; what a format knows about headings and tables is the same too."""
    texts = [
        _run(write_docx(tmp_path / "a.docx", blocks)),
        _run(write_html(tmp_path / "a.html", blocks)),
        _run(write_md(tmp_path / "a.md", blocks)),
        _run(write_txt(tmp_path / "a.txt", blocks)),
        _run(write_pdf(tmp_path / "a.pdf", [as_text(blocks)])),
    ]
    for text in texts:
        assert text.text.replace("\n\n", "\n") == as_text(blocks).strip()
        assert text.language == language
        assert Text.model_validate_json(text.model_dump_json()) == text
    for text in texts[:3]:
        assert [heading.level for heading in text.headings] == [1, 2, 2]
        assert len(text.tables) == 1
    assert texts[0].log == f"{len(texts[0].text)} characters, {language}, 1 tables, 3 headings"


def test_a_workbook_is_read(tmp_path: Path) -> None:
    """Its sheets are pages."""
    text = _run(write_xlsx(tmp_path / "a.xlsx", {"Смета": [["Работа", "Объём"], ["Разработка грунта", 12]]}))
    assert text.text == "Работа | Объём\nРазработка грунта | 12"
    assert text.pages[0].title == "Смета"


def test_a_document_without_text_is_named(tmp_path: Path) -> None:
    """Spaces don't count; a PDF may be a scan, and the sentence says so."""
    path = tmp_path / "a.txt"
    path.write_bytes(b" 123456789 \n\n ")
    assert _reason(_draft(path)) == "no_text"
    with pytest.raises(StageFailed, match="ocr"):
        _run(write_pdf(tmp_path / "a.pdf", [""]))


def test_failures_of_readers_come_through(tmp_path: Path) -> None:
    """A password, and encodings that are mixed."""
    assert _reason(_draft(write_pdf(tmp_path / "a.pdf", ["тайна"], password="x"))) == "encrypted"
    path = tmp_path / "a.txt"
    path.write_bytes("строительство\n".encode() * 50 + "строительство\n".encode("cp1251") * 50)
    assert _reason(_draft(path)) == "mixed_encodings"


def test_a_file_that_changed_since_it_was_hashed_is_refused(tmp_path: Path) -> None:
    """What is indexed under a hash has that hash."""
    path = write_txt(tmp_path / "a.txt", DOCUMENT_EN)
    draft = _draft(path)
    draft.put(DuplicateChecking(lambda fingerprint: None).run(draft))
    assert TextExtraction(Limits()).run(draft).language == "en"
    write_txt(path, DOCUMENT_RU)
    assert _reason(draft) == "changed"


def test_images_are_read_when_it_is_switched_on(tmp_path: Path) -> None:
    """Off, the failure names the option."""
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    assert _reason(_draft(path)) == "ocr_off"
    text = TextExtraction(Limits(), ocr=True, recognise=lambda image, limits: "text of the image").run(_draft(path))
    assert (text.text, text.ocr) == ("text of the image", True)
    assert text.log.endswith("by text recognition")
