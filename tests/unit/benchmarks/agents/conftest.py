from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from benchmarks.agents.hub import MeasuredHub, measured_hub, options_for
from benchmarks.agents.model_double import ModelDouble, model_double
from tests.agents_kit import agents_dsn, agents_template, store
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]


@pytest.fixture
async def double() -> AsyncIterator[ModelDouble]:
    """A model that says three pieces, 10 ms apart."""
    async with model_double(3, 0.01) as running:
        yield running


@pytest.fixture
async def hub(agents_dsn: str, double: ModelDouble) -> AsyncIterator[MeasuredHub]:
    """A hub of this process, whose agents ask that model."""
    async with measured_hub(options_for(agents_dsn) | double.options()) as running:
        yield running
