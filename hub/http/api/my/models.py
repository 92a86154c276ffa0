"""The language models that agents can be answered by, over HTTP."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from hub.descriptions import Described
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.member import member


class ModelState(Described):
    """A model."""

    name: str = Field(description="PROVIDER/MODEL, as an agent's configuration names it")
    provider: str
    offline: bool = Field(description="it is built in, answers from retrieved memory, and is no language model")


class ModelList(Described):
    """Models, in the order of the configuration."""

    items: list[ModelState]
    default: str = Field(description="the model of agents that name none")


async def list_models(hub: Hub, call: Call[None, None]) -> ModelList:
    """List the models that this hub has."""
    parts, _ = await member(hub, call)
    models = [ModelState(name=one.name, provider=one.provider, offline=one.offline) for one in parts.models.models]
    return ModelList(items=models, default=parts.models.default_model)


ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint("GET", "/my/models", "List the models", list_models, Who.MEMBER, "agents", answer=ModelList),
)
