"""The models that agents can be answered by."""

from __future__ import annotations

from channels.policy import Principal
from hub.http.api.my.models import list_models
from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.postgres_server import postgres
from tests.unit.hub.http.api.calls import call

__all__ = ["agents_dsn", "agents_template", "postgres"]


async def test_the_configured_models_and_the_one_built_in(agents_dsn: str) -> None:
    """In their order; the default is the first, unless another is named."""
    local = {"base_url": "http://127.0.0.1:1/v1", "models": ["small", "big"]}
    async with agents_hub(agents_dsn, agents__providers={"local": local}) as live:
        models = await list_models(live.hub, call(caller=Principal("alice")))
    assert [(model.name, model.offline) for model in models.items][:2] == [("local/small", False), ("local/big", False)]
    assert [model.provider for model in models.items if model.offline] == ["offline"]
    assert models.default == "local/small"
