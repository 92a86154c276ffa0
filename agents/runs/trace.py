"""What a run was given: kept with it, so that its owner can see why an answer is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.runs.prompt import Built, Remembered
from channels.clock import iso


def trace_of(built: Built, remembered: Sequence[Remembered], warning: str) -> dict[str, Any]:
    """Write down what was retrieved, and the prompt as it goes to the model.

    Args:
        warning: why nothing could be retrieved; empty: it could.
    """
    prompt = built.prompt
    return {
        "retrieved": [
            {
                "number": number,
                "memory_id": str(memory.memory_id),
                "score": memory.score,
                "text": memory.text,
                "created_at": iso(memory.created_at.timestamp()),
            }
            for number, memory in enumerate(remembered, 1)
        ],
        "prompt": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "model": prompt.model,
        "temperature": prompt.temperature,
        "max_tokens": prompt.max_tokens,
        "history_left_out": built.left_out,
        "warning": warning or None,
    }
