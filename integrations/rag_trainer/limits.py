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
    chunks: int = Field(50_000, ge=1, description="chunks of a document")
    chunk_tokens: int = Field(
        220, ge=16, le=8_192, description="tokens of a chunk, headings included, as the embedding model counts them"
    )
    overlap_tokens: int = Field(30, ge=0, description="tokens that two chunks of one section share")
