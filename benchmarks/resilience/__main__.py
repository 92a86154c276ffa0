"""Entry point: `python -m benchmarks.resilience`."""

from __future__ import annotations

import asyncio
import json
import logging
import platform
import resource
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import structlog

from benchmarks.processes import Failed
from benchmarks.resilience.suite import Options, Suite, parse
from hub.embedded.folder import StoreFailed


def _say(line: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {line}", flush=True)


async def _run(suite: Suite) -> None:
    task = asyncio.current_task()
    assert task is not None
    # SIGINT ends it in the same way: asyncio cancels the task, and what was started is ended on the way out.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await suite.run()


def _write(options: Options, suite: Suite) -> None:
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(suite.as_json(), indent=1) + "\n", encoding="utf-8")
        print(f"wrote {options.json}")
    if options.svg and suite.jitter:
        options.svg.parent.mkdir(parents=True, exist_ok=True)
        options.svg.write_text(suite.drawn(), encoding="utf-8")
        print(f"wrote {options.svg}")


def main() -> int:
    """Run what was asked for. 0 when nothing was lost, 1 when something was or a part failed, 130 or 143 after a
    signal."""
    options = parse()
    if platform.system() != "Linux":
        sys.exit("the benchmarks need Linux: they read /proc")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # Hubs and brokers that run in this process tell what is wrong, and nothing else.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    code = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", ignore_cleanup_errors=True) as directory:
        suite = Suite(options, Path(directory), _say)
        try:
            asyncio.run(_run(suite))
        except KeyboardInterrupt:
            code = 130
        except asyncio.CancelledError:
            code = 143
        except (Failed, StoreFailed) as error:
            _say(f"failed: {error}")
            code = 1
        if code > 1:
            _say("interrupted; everything that was started has ended")
        with suppress(BrokenPipeError):
            _write(options, suite)
    return code or int(not suite.whole)


if __name__ == "__main__":
    sys.exit(main())
