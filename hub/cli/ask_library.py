"""Questions of `tocsin ask` to a library's file.

It is asked by a worker process, the hub's own. So the command line imports no model, and starts without the extra.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from hub.adapters.rag_options import trainer_options
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import visible
from hub.sections.rag_trainer import RagTrainerOptions
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.asking import Asking, AskLimits, NoAnswer
from integrations.rag_trainer.child import StartChild, start
from integrations.rag_trainer.options import Neo4jOptions, QdrantOptions, TrainerOptions

LIBRARY: Final = "library.sqlite"
TIMEOUT: Final = 90.0
"""Seconds for a whole answer, which begins with the model being loaded."""
_WITHIN: Final = (LIBRARY, f".tocsin/{LIBRARY}")


def library_of(given: str) -> Path:
    """Return a library's file: the one that is named, or that of a folder.

    Raises:
        Failure: there is none.
    """
    path = Path(given).absolute()
    if path.is_dir():
        found = next((path / name for name in _WITHIN if (path / name).is_file()), None)
        if found is None:
            raise Failure(Exit.USAGE, f"--library: {visible(given)}: expected {' or '.join(_WITHIN)} in this folder")
        return found
    if not path.is_file():
        raise Failure(
            Exit.USAGE, f"--library: {visible(given)}: expected a library's file, made by `tocsin train`; none is there"
        )
    if not path.stat().st_size:
        raise Failure(Exit.USAGE, f"--library: {visible(given)}: expected a library's file, got an empty one")
    return path


def options_for(section: RagTrainerOptions, library: Path) -> TrainerOptions:
    """Return what a worker needs to ask a file: the model that is configured, and no store but the file itself."""
    return trainer_options(section, str(library.parent)).model_copy(
        update={
            "library": str(library),
            "graph": str(library.with_name("graph.sqlite")),
            "search": "embedded",
            "faiss_path": "",
            "pgvector_dsn": SecretStr(""),
            "qdrant": QdrantOptions(),
            "neo4j": Neo4jOptions(),
        }
    )


def ask_library(options: TrainerOptions, question: Question, start_child: StartChild = start) -> Answer:
    """Ask a file in a process of its own.

    Raises:
        Failure: it can't be asked.
    """
    return asyncio.run(_ask(options, question, start_child))


async def _ask(options: TrainerOptions, question: Question, start_child: StartChild) -> Answer:
    asking = Asking(lambda: options, start_child, AskLimits(timeout=TIMEOUT), time.monotonic)
    try:
        return await asking.ask(question)
    except NoAnswer as error:
        text = str(error).removeprefix("BadLibrary: ")
        told = text if text.startswith(options.library) else f"{options.library}: {text}"
        raise Failure(Exit.FAILURE, visible(told)) from None
    finally:
        await asking.stop()
