"""The pool under a step load as an SVG of lines over time, readable on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from benchmarks.integrations.pool import Moment, StepLoad

WIDTH, HEIGHT, MARGIN = 860, 430, 24
LEFT, RIGHT, TOP, BOTTOM = 64, 28, 104, 74

_STYLE = """
  .page { fill: #ffffff } .text { fill: #1b1f24 } .soft { fill: #59636e } .rule { stroke: #d1d9e0 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .size { stroke: #c2410c; stroke-width: 2.5 } .active { stroke: #57606a } .workers { fill: #9aa6b2; opacity: 0.25 }
  .sessions { stroke: #0f766e; stroke-dasharray: 2 3 } .waiters { stroke: #9333ea }
  .most { stroke: #c2410c; stroke-dasharray: 6 5; opacity: 0.6 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
  .title { font-size: 19px; font-weight: 650 } .small { font-size: 12px } .number { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .soft { fill: #9198a1 } .rule { stroke: #30363d }
    .size { stroke: #fb923c } .active { stroke: #8b949e } .workers { fill: #5b6673 } .sessions { stroke: #2dd4bf }
    .waiters { stroke: #c084fc } .most { stroke: #fb923c }
  }
"""

_LEGEND = (
    ("size", "size", "line size"),
    ("active", "active", "line active"),
    ("waiters", "waiters", "line waiters"),
    ("sessions", "sessions on the server", "line sessions"),
    ("workers", "workers (load)", "workers"),
)


def _text(x: float, y: float, content: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def draw(run: StepLoad) -> str:
    """The chart as an SVG document. The number of connections and the time both begin at zero."""
    span = max(moment.at for moment in run.moments) or 1.0
    most = max(run.maximum, *(max(m.workers, m.size, m.active, m.waiters, m.sessions) for m in run.moments))

    def across(at: float) -> float:
        return LEFT + at / span * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - value / (1.05 * most) * (HEIGHT - TOP - BOTTOM)

    parts = [*_axes(across, up, span, most), _area(run.moments, across, up), _most(run.maximum, across, up, span)]
    parts += [_line(run.moments, name, kind, across, up) for name, _, kind in _LEGEND[:-1]]
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    footer = (
        f"{run.queries:,} queries of 20 ms, {run.failed} failed; {len(run.resizes)} changes of the size; at most "
        f"{run.peak} sessions on the server, {run.maximum} allowed."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>The dynamic pool under a load that rises and falls in steps</title>",
            f"<style>{_STYLE}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" class="page"/>',
            _text(MARGIN, 38, "A pool that follows its load", "text title"),
            f'<path d="M{MARGIN} 54H{WIDTH - MARGIN}" class="rule"/>',
            *_legend(),
            *parts,
            _text(MARGIN, HEIGHT - 18, footer, "soft small"),
            "</svg>",
            "",
        ]
    )


_Scale = Callable[[float], float]


def _axes(across: _Scale, up: _Scale, span: float, most: int) -> list[str]:
    parts = []
    for value in range(0, most + 1, 8 if most > 16 else 2):
        parts.append(f'<path d="M{LEFT} {up(value):.1f}H{WIDTH - RIGHT}" class="rule"/>')
        parts.append(_text(LEFT - 10, up(value) + 4, str(value), "soft small number", "end"))
    seconds, below = range(0, int(span) + 1, 2 if span > 4 else 1), HEIGHT - BOTTOM + 20
    return parts + [_text(across(at), below, f"{at} s", "soft small number", "middle") for at in seconds]


def _area(moments: Sequence[Moment], across: _Scale, up: _Scale) -> str:
    points = " ".join(f"{across(m.at):.1f},{up(m.workers):.1f}" for m in moments)
    ends = f"{across(moments[0].at):.1f},{up(0):.1f} {points} {across(moments[-1].at):.1f},{up(0):.1f}"
    return f'<polygon points="{ends}" class="workers"/>'


def _most(maximum: int, across: _Scale, up: _Scale, span: float) -> str:
    line = f'<path d="M{LEFT} {up(maximum):.1f}H{across(span):.1f}" class="line most"/>'
    return line + _text(WIDTH - RIGHT, up(maximum) - 6, "maximum", "soft small", "end")


def _line(moments: Sequence[Moment], name: str, kind: str, across: _Scale, up: _Scale) -> str:
    points = " ".join(f"{across(m.at):.1f},{up(getattr(m, name)):.1f}" for m in moments)
    return f'<polyline points="{points}" class="{kind}"/>'


def _legend() -> list[str]:
    parts, x = [], float(MARGIN)
    for name, words, kind in _LEGEND:
        if name == "workers":
            parts.append(f'<rect x="{x:.0f}" y="66" width="22" height="12" class="{kind}"/>')
        else:
            parts.append(f'<path d="M{x:.0f} 72h22" class="{kind}"/>')
        parts.append(_text(x + 30, 76, words, "text small"))
        x += 44 + 7 * len(words)
    return parts
