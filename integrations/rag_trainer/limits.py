"""Bounds on one document."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """What a document may be and take. Going over one is a named failure of that file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_bytes: int = Field(100 << 20, ge=1, description="longest file, in bytes")
    unpacked_bytes: int = Field(
        200 << 20, ge=1, description="bytes that a compressed document (docx, xlsx, pdf streams) may unpack to"
    )
    text_chars: int = Field(20_000_000, ge=1, description="characters of text taken out of a document")
    min_text_chars: int = Field(10, ge=1, description="characters below which a document counts as without text")
    pages: int = Field(10_000, ge=1, description="pages of a PDF, rows of a sheet divided by 100")
    archive_parts: int = Field(10_000, ge=1, description="parts of a docx or xlsx")
    xml_nodes: int = Field(4_000_000, ge=1, description="tags and attributes of an XML part; about 200 bytes each")
    pdf_stream_bytes: int = Field(32 << 20, ge=1, description="bytes that one stream of a PDF may unpack to")
    pdf_operations: int = Field(
        10_000_000, ge=1, description="drawing operations of a PDF, and a tenth of that for a page; 30 µs each"
    )
    pdf_lines: int = Field(
        2_000, ge=1, description="ruling lines of a PDF's page; where there are more, no tables are looked for"
    )
    image_pixels: int = Field(100_000_000, ge=1, description="pixels of an image for text recognition")
    ocr_seconds: float = Field(120.0, gt=0, description="seconds for text recognition of one image")
    chunks: int = Field(50_000, ge=1, description="chunks of a document")
    chunk_tokens: int = Field(
        220, ge=16, le=8_192, description="tokens of a chunk, headings included, as the embedding model counts them"
    )
    overlap_tokens: int = Field(30, ge=0, description="tokens that two chunks of one section share")
