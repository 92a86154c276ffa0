"""Entry point: `python -m benchmarks`."""

from __future__ import annotations

import json
import platform
import resource
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks import chart, report
from benchmarks.bench import Bench
from benchmarks.catalog import PEERS, Peer
from benchmarks.options import Options, parse
from benchmarks.workshop import Absent, Workshop


def _say(line: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {line}", flush=True)


def _chosen(options: Options) -> list[Peer]:
    known = {peer.name: peer for peer in PEERS}
    unknown = [name for name in options.peers if name not in known]
    if unknown:
        sys.exit(f"unknown peer: {', '.join(unknown)}; there are {', '.join(known)}")
    return [peer for peer in PEERS if not options.peers or peer.name in options.peers]


def _list(workshop: Workshop) -> None:
    for peer in PEERS:
        try:
            state = peer.version(workshop) or "here"
        except Absent as reason:
            state = f"not here: {reason}"
        print(f"{peer.name:<16} {' '.join(peer.title.replace('{version}', '').split()):<28} {state}")


def _write(bench: Bench, options: Options) -> None:
    if options.json:
        given = {key: value for key, value in asdict(options).items() if isinstance(value, (int, float))}
        machine = {"cores": asdict(bench.cores), "python": platform.python_version(), "system": platform.system()}
        document = {"options": given, "machine": machine, **bench.results.as_json()}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(f"\nwrote {options.json}")
    if options.svg:
        options.svg.parent.mkdir(parents=True, exist_ok=True)
        options.svg.write_text(chart.draw(bench.results, options), encoding="utf-8")
        print(f"\nwrote {options.svg}")


def _raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> int:
    """Run the suite. 0 when something was measured and nothing failed, 1 otherwise, 130 after an interrupt."""
    options = parse()
    if platform.system() != "Linux":
        sys.exit("the benchmarks need Linux: they use epoll, /proc and processor affinity")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _raise_descriptor_limit()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as directory:
        workshop = Workshop(Path(directory), _say)
        peers = _chosen(options)
        if options.list_peers:
            _list(workshop)
            return 0
        try:
            workshop.program("loadgen")
        except Absent as reason:
            sys.exit(f"the load generator can't be built: {reason}")
        bench = Bench(options, workshop, _say)
        interrupted = False
        try:
            bench.measure(bench.find(peers))
        except KeyboardInterrupt:
            interrupted = True
            _say("interrupted; what was measured so far:")
        print("\n" + report.text(bench.results, options, bench.cores))
        _write(bench, options)
    if interrupted:
        return 130
    return int(
        bool(bench.results.failures)
        or not any((bench.results.fan_out, bench.results.idle, bench.results.stuck, bench.results.notify))
    )


if __name__ == "__main__":
    sys.exit(main())
