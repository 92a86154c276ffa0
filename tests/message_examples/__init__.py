"""One example of each typed message, as JSON: a module for each of `channels.messages`."""

from __future__ import annotations

from typing import Any

from tests.message_examples import analysis, builds, firewall, hub, memory, pool, search, system, training

EXAMPLES: dict[str, dict[str, Any]] = {
    **analysis.EXAMPLES,
    **builds.EXAMPLES,
    **firewall.EXAMPLES,
    **hub.EXAMPLES,
    **memory.EXAMPLES,
    **pool.EXAMPLES,
    **search.EXAMPLES,
    **system.EXAMPLES,
    **training.EXAMPLES,
}
