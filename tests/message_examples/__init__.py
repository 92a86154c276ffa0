"""One example of each typed message, as JSON: a module for each of `channels.messages`."""

from __future__ import annotations

from typing import Any

from tests.message_examples import builds, system

EXAMPLES: dict[str, dict[str, Any]] = {**builds.EXAMPLES, **system.EXAMPLES}
