"""What options may be: the types of their values, and the group that holds them."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import PurePosixPath
from typing import Annotated, Any, get_origin

import jsonschema_rs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from channels.model import NAME_MAX, NAME_PATTERN, namespace_of
from hub.hosts import parse_host, parse_origin


def _origin(text: str) -> str:
    if parse_origin(text) is None:
        raise ValueError("expected scheme://host[:port] without a path")
    return text


def _host(text: str) -> str:
    if parse_host(text) is None:
        raise ValueError("expected host or host:port")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("expected an address, or a network such as 10.0.0.0/8") from None
    return text


def _folder(text: str) -> str:
    if not PurePosixPath(text).is_absolute() or ".." in PurePosixPath(text).parts:
        raise ValueError("expected an absolute path without ..")
    return text


def _endpoint(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("expected http://HOST/PATH or https://HOST/PATH")
    if "@" in text or "?" in text:
        raise ValueError("may hold no user, password or query; the key is an option of its own")
    return text


def _text(value: object) -> object:
    """Take a secret out of digits alone, which is a number to YAML: to refuse it would be to quote it."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _outside_namespaces(name: str) -> str:
    space = namespace_of(name)
    if space is not None:
        raise ValueError(f"a channel's name may not begin with {space[0]}:, which is a namespace")
    return name


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        jsonschema_rs.validator_for(schema)
    except ValueError as error:
        raise ValueError(f"expected a JSON Schema: {str(error).splitlines()[0]}") from None
    return schema


Seconds = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
ChannelName = Annotated[Name, AfterValidator(_outside_namespaces)]
RoomName = Annotated[Name, Field(max_length=NAME_MAX - len("room:"))]
Origin = Annotated[str, AfterValidator(_origin)]
Host = Annotated[str, AfterValidator(_host)]
Network = Annotated[str, AfterValidator(_network)]
Workers = Annotated[int, Field(ge=0, le=1024), BeforeValidator(lambda value: 0 if value == "auto" else value)]
Folder = Annotated[str, AfterValidator(_folder)]
OptionalFolder = Annotated[str, AfterValidator(lambda text: text and _folder(text))]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
Secret = Annotated[SecretStr, BeforeValidator(_text)]
JsonSchema = Annotated[dict[str, Any], AfterValidator(_schema)]


class Section(BaseModel):
    """A group of options. Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _as_yaml_means_it(cls, value: object, info: ValidationInfo) -> object:
        """Take a section or list with nothing under it as empty, and don't take `on` for the number 1."""
        kind = cls.model_fields[info.field_name or ""].annotation
        if value is None and get_origin(kind) is tuple:
            return ()
        if value is None and (get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, Section))):
            return {}
        if isinstance(value, dict) and get_origin(kind) is dict:
            return {name: {} if entry is None else entry for name, entry in value.items()}
        if isinstance(value, bool) and kind in (int, float):
            raise ValueError("expected a number")
        return value
