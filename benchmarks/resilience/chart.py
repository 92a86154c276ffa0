"""Jitter as an SVG of horizontal bars, readable on a light and on a dark page. What was measured here is filled; what
others published of theirs is an outline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from benchmarks.resilience.jitter import Jitter
from benchmarks.resilience.report import PUBLISHED, share
from benchmarks.resilience.subjects import TOCSIN

WIDTH, MARGIN, LABEL, VALUE = 860, 24, 300, 96
BAR, GAP, HEAD, TITLE, FOOT = 20, 9, 58, 64, 62

_STYLE = """
  .page { fill: #ffffff } .text { fill: #1b1f24 } .soft { fill: #59636e } .rule { stroke: #d1d9e0 }
  .peer { fill: #9aa6b2 } .own { fill: #c2410c } .claim { fill: none; stroke: #9aa6b2; stroke-dasharray: 4 3 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
  .title { font-size: 19px; font-weight: 650 } .head { font-size: 14px; font-weight: 600 } .small { font-size: 12px }
  .bold { font-weight: 650 } .number { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .soft { fill: #9198a1 } .rule { stroke: #30363d }
    .peer { fill: #5b6673 } .own { fill: #fb923c } .claim { stroke: #7d8590 }
  }
"""


class _Row(NamedTuple):
    """A bar. `kind` is its class in the style."""

    subject: str
    value: float
    label: str
    kind: str


def _text(x: float, y: float, content: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def _kind(run: Jitter) -> str:
    return "own" if run.subject.startswith(TOCSIN) else "peer"


def _shares(runs: Sequence[Jitter]) -> list[_Row]:
    ours = [_Row(run.subject, run.share, f"{share(run)} %", _kind(run)) for run in runs]
    return ours + [_Row(f"{o.subject} *", o.share, f"{o.share:g} %", "claim") for o in PUBLISHED]


def _replays(runs: Sequence[Jitter]) -> list[_Row]:
    def seconds(value: float) -> str:
        return f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.0f} ms"

    ours = [_Row(run.subject, run.replays[2], seconds(run.replays[2]), _kind(run)) for run in runs if run.reconnects]
    return ours + [_Row(f"{o.subject} *", o.replays[2], seconds(o.replays[2]), "claim") for o in PUBLISHED if o.replays]


def _panel(rows: Iterable[_Row], heading: str, note: str, largest: float, top: float) -> tuple[list[str], float]:
    parts = [_text(MARGIN, top + 24, heading, "text head"), _text(MARGIN, top + 43, note, "soft small")]
    y, left = top + HEAD, MARGIN + LABEL
    for row in rows:
        length = max(2.0, row.value / largest * (WIDTH - 2 * MARGIN - LABEL - VALUE))
        weight = " bold" if row.kind == "own" else ""
        parts += [
            _text(left - 12, y + BAR - 5.5, row.subject, "text" + weight, "end"),
            f'<rect x="{left}" y="{y:.0f}" width="{length:.1f}" height="{BAR}" rx="3" class="{row.kind}"/>',
            _text(left + length + 8, y + BAR - 5.5, row.label, "text number" + weight),
        ]
        y += BAR + GAP
    return parts, y + 14


def draw(runs: Sequence[Jitter], rate: float) -> str:
    """The chart as an SVG document.

    Args:
        runs: at least one.
        rate: messages per second.
    """
    shape = f"{runs[0].clients:,} clients, {runs[0].messages} messages, {rate:g} a second"
    delivered, y = _panel(_shares(runs), "Delivered", f"{shape}; of all messages to all clients", 100.0, float(TITLE))
    slowest = max([row.value for row in _replays(runs)])
    heading = "Replay, 99th percentile"
    note = "from the beginning of a reconnect to the last missed message; shorter is better"
    replayed, y = _panel(_replays(runs), heading, note, slowest or 1.0, y)
    height = y + FOOT - 14
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>Clients that come and go: messages delivered, and time to replay</title>",
            f"<style>{_STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height:.0f}" rx="8" class="page"/>',
            _text(MARGIN, 38, "Every client is cut about every 15 s for about 2 s", "text title"),
            f'<path d="M{MARGIN} 54H{WIDTH - MARGIN}" class="rule"/>',
            *delivered,
            *replayed,
            _text(MARGIN, height - 36, "Filled bars: one run on one machine, on loopback.", "soft small"),
            _text(
                MARGIN,
                height - 18,
                "* Outlined: published by AnyCable, measured on other machines with 10,000 clients; not measured here.",
                "soft small",
            ),
            "</svg>",
            "",
        ]
    )
