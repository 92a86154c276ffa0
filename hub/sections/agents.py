"""The options of agents and chat."""

from __future__ import annotations

from pydantic import Field

from hub.option_types import Seconds, Section
from hub.sections.agents_accounts import AccountsSection
from hub.sections.agents_memory import EmbeddingSection, MemorySection, VectorsSection
from hub.sections.agents_models import OFFLINE, ProviderName, ProviderSection
from hub.sections.agents_runs import RunsSection


class AgentsOptions(Section):
    """Accounts, agents and chat on this hub. They need a database: an embedded one, unless database.url names one."""

    enabled: bool = Field(False, description="serve accounts, agents and chat (/auth, /my)")
    database_schema: str = Field(
        "tocsin_agents", pattern=r"^[a-z_][a-z0-9_]{0,62}$", description="schema of their tables in the database"
    )
    database_role: str = Field(
        "tocsin_agents",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="role that transactions of users run as, confined by Row-Level Security; made when it isn't there",
    )
    pool_size: int = Field(10, ge=1, description="connections to the database that each process keeps")
    pool_overflow: int = Field(20, ge=0, description="connections that each process may open beyond them")
    acquire_timeout: float = Field(10.0, gt=0, description="seconds that a request waits for a connection")
    key_file: str = Field(
        "",
        description="file with the key that signs users' tokens on a hub without auth.keys; made when it isn't there; "
        "empty: next to the embedded database",
    )
    accounts: AccountsSection = Field(AccountsSection(), description="the hub's own users")
    requests_per_minute: int = Field(
        100, ge=0, description="requests below /my that a user may make in a minute, over all processes; 0: no limit"
    )
    delta_retention: float = Field(
        3_600.0, ge=0, description="seconds after the end of a run for which the pieces of its answer stay in the log"
    )
    replay_events: int = Field(
        5_000, ge=1, description="events that a stream replays at most; who missed more gets a snapshot instead"
    )
    queue: int = Field(100, ge=1, description="tasks of one agent that may wait, over all processes")
    concurrency: int = Field(
        3, ge=1, le=100, description="tasks of one agent that may be at work at once, over all processes"
    )
    agents_per_user: int = Field(100, ge=1, description="agents that a user may have")
    config_cache: Seconds = Field(300.0, description="life of a cached agent, in seconds; 0: none is cached")
    config_cache_agents: int = Field(
        2_000, ge=1, description="agents whose configuration each process keeps; one takes 2 KB usually, 40 KB at most"
    )
    runs: RunsSection = Field(RunsSection(), description="how messages are answered")
    providers: dict[ProviderName, ProviderSection] = Field(
        {},
        description="endpoints of language models, by a name of your own; without one an offline responder answers "
        "from memory",
        examples=[{"local": {"base_url": "http://127.0.0.1:8081/v1", "models": ["smollm2"]}}],
    )
    default_model: str = Field(
        "",
        description="PROVIDER/MODEL of agents that name none; empty: the first of the first provider, or else "
        "offline/retrieval",
    )
    fallback_models: tuple[str, ...] = Field(
        (), description="asked in this order, after the agent's own, when a model fails before it has said anything"
    )
    memory: MemorySection = Field(MemorySection(), description="what agents remember")
    embedding: EmbeddingSection = Field(EmbeddingSection(), description="the model that makes vectors of it")
    vectors: VectorsSection = Field(VectorsSection(), description="where those are")
    ready_without_database: bool = Field(
        False, description="answer /ready with degraded, not 503, while the agents' database can't be used"
    )

    def complaints(self) -> list[str]:
        """Return what is wrong with the options together."""
        known = [f"{name}/{model}" for name, provider in self.providers.items() for model in provider.models]
        known.append(f"{OFFLINE}/retrieval")
        missing = [
            f"agents.providers.{name}.{option}: is missing"
            for name, provider in self.providers.items()
            for option in ("base_url", "models")
            if not getattr(provider, option)
        ]
        named = [("default_model", self.default_model)] if self.default_model else []
        named += [("fallback_models", model) for model in self.fallback_models]
        return missing + [
            f"agents.{option}: expected one of {', '.join(known)}, got {model}"
            for option, model in named
            if model not in known
        ]
