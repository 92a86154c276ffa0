"""An agent: its name, and how it answers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from channels.errors import ErrorCode, ReplyError

NAME_MAX: Final = 64
NAME_PATTERN: Final = r"^[^\W_][\w-]{0,63}$"
"""Letters and digits of any script, `-` and `_`; begins with a letter or a digit. What may stand behind an `@`."""

_is_name = re.compile(NAME_PATTERN.removesuffix("$")).fullmatch

Status = Literal["ready", "busy", "error"]


def normal_name(name: str) -> str:
    """Return a name in the one form of Unicode (NFC) in which names are kept and compared.

    Raises:
        ReplyError: `invalid_data`.
    """
    normal = unicodedata.normalize("NFC", name)
    if not _is_name(normal):
        message = f"name: expected 1 to {NAME_MAX} letters, digits, - and _, a letter or a digit first"
        raise ReplyError(ErrorCode.INVALID_DATA, message)
    return normal


class AgentConfig(BaseModel):
    """How an agent answers. Unknown fields are refused, and so is a number that is written as text.

    The part that `user_agents.config` holds; a field that is absent there has its default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    instructions: str = Field("", max_length=32_000, description="what it is and how it answers; the system prompt")
    description: str = Field("", max_length=500, description="what it is good at, for people")
    model: str = Field("", max_length=200, description="PROVIDER/MODEL; empty: agents.default_model")
    fallback_models: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=5, strict=False)
    ] = Field((), description="asked in this order when the model gives no answer")
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1, le=1_000_000, description="of an answer")
    history_messages: int = Field(10, ge=0, le=200, description="newest messages of the session that it is shown")
    history_tokens: int = Field(4_000, ge=0, le=1_000_000, description="most tokens of them, estimated")
    memory: bool = Field(True, description="recall memories that fit, and remember each exchange")
    recall: int = Field(5, ge=0, le=50, description="memories that it is shown at most")

    @classmethod
    def kept(cls, fields: Mapping[str, Any]) -> AgentConfig:
        """Read what a row holds. Fields that this version doesn't know are those of another one, and left alone."""
        return cls.model_validate({name: value for name, value in fields.items() if name in cls.model_fields})


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of one user.

    Attributes:
        version: rises with each change of name or configuration.
    """

    id: UUID
    name: str
    config: AgentConfig
    status: Status
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Agent:
        """Read a row of `user_agents`."""
        return cls(
            row["id"],
            row["name"],
            AgentConfig.kept(row["config"]),
            row["status"],
            row["version"],
            row["created_at"],
            row["updated_at"],
        )
