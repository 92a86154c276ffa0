"""What a hub and its worker processes say to each other: JSON objects, one a line, on standard input and output.

The hub first sends `order`: what to train, or to answer questions. Then `cancel`, `pause`, `ask`. A worker sends
`ready`, `at` (the document that a stage begins to work on), `update`, `file`, `report`, `answer`, `refusal` and
`fault`. Only the order holds secrets, and only on standard input: a command line and an environment can be read by
others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from integrations.rag_trainer.options import TrainerOptions

LINE_MAX = 16 << 20
"""Longest line, in bytes; the longest there are are answers, of 50 passages at most."""


class Order(BaseModel):
    """What a worker is for.

    Attributes:
        job_id, files: what to train; `files` are paths, `None`: all below `options.base_dir`.
        nice: by how much it gives way to other processes.
        patience: seconds to wait for another process that writes to the same library.
        poison: documents that fail without a try, by name: a word and a sentence that say why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Literal["train", "answer"]
    options: TrainerOptions
    job_id: str = ""
    files: tuple[str, ...] | None = None
    nice: int = Field(0, ge=0, le=19)
    patience: float = Field(30.0, ge=0)
    poison: dict[str, tuple[str, str]] = {}


def encode(kind: str, **fields: Any) -> bytes:
    """Write a message as a line."""
    return json.dumps({"kind": kind, **fields}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def encode_order(order: Order) -> bytes:
    """Write an order as a line, with its secrets."""
    return encode("order", order=json.loads(json.dumps(order.model_dump(), default=_revealed)))


def decode(line: bytes) -> Mapping[str, Any]:
    """Read a line.

    Raises:
        ValueError: it is no message.
    """
    message = json.loads(line)
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise ValueError("expected an object with a kind")
    return message


def _revealed(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(f"expected JSON, got {type(value).__name__}")
