"""The fan-out as an SVG of horizontal bars, readable on a light and on a dark page."""

from __future__ import annotations

from html import escape

from benchmarks.catalog import C_LOOP, TOCSIN
from benchmarks.options import Options
from benchmarks.results import Results
from benchmarks.stats import middle, paired_ratio, short, times

WIDTH, MARGIN, LABEL, VALUE = 860, 24, 236, 168
BAR, GAP, HEAD, TITLE, FOOT = 20, 9, 58, 64, 44
PANELS = (("fanout", "Saturated"), ("paced", "One message at a time"))

_STYLE = """
  .page { fill: #ffffff } .text { fill: #1b1f24 } .soft { fill: #59636e } .rule { stroke: #d1d9e0 }
  .peer { fill: #9aa6b2 } .own { fill: #c2410c } .floor { fill: #57606a }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
  .title { font-size: 19px; font-weight: 650 } .head { font-size: 14px; font-weight: 600 } .small { font-size: 12px }
  .bold { font-weight: 650 } .number { font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .soft { fill: #9198a1 } .rule { stroke: #30363d }
    .peer { fill: #5b6673 } .own { fill: #fb923c } .floor { fill: #8b949e }
  }
"""


def _text(x: float, y: float, content: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def _bar(results: Results, peer: str, share: float, label: str, y: float) -> list[str]:
    kind = {TOCSIN: "own", C_LOOP: "floor"}.get(peer, "peer")
    weight = " bold" if peer == TOCSIN else ""
    length = max(2.0, share * (WIDTH - 2 * MARGIN - LABEL - VALUE))
    left = MARGIN + LABEL
    return [
        _text(left - 12, y + BAR - 5.5, results.label(peer), "text" + weight, "end"),
        f'<rect x="{left}" y="{y:.0f}" width="{length:.1f}" height="{BAR}" rx="3" class="{kind}"/>',
        _text(left + length + 8, y + BAR - 5.5, label, "text number" + weight),
    ]


def _panel(results: Results, scenario: str, heading: str, note: str, top: float) -> tuple[list[str], float]:
    rates = results.rounds(scenario, lambda sample: sample.per_cpu)
    medians = {peer: middle(list(values.values())) or 0.0 for peer, values in rates.items()}
    if not medians:
        return [], top
    largest, y = max(medians.values()) or 1.0, top + HEAD
    parts = [_text(MARGIN, top + 24, heading, "text head"), _text(MARGIN, top + 43, note, "soft small")]
    for peer in sorted(medians, key=lambda name: -medians[name]):
        ratio = paired_ratio(rates[peer], rates.get(C_LOOP, {}))
        label = short(medians[peer])
        if ratio is not None and peer != C_LOOP:
            label += f" \u00b7 {times(ratio)}\u00d7 the C loop"
        parts += _bar(results, peer, medians[peer] / largest, label, y)
        y += BAR + GAP
    return parts, y + 14


def _notes(options: Options) -> dict[str, str]:
    each = f"messages of {options.frame_bytes} bytes to {options.subscribers:,} subscribers"
    return {
        "fanout": f"{options.messages:,} {each}, {options.in_flight} publishes in flight",
        "paced": f"{options.paced_messages} {each}, {options.paced_rate:g} a second",
    }


def draw(results: Results, options: Options) -> str:
    """The chart as an SVG document. Each panel has a linear scale of its own, from zero."""
    body, y = [], float(TITLE)
    for scenario, heading in PANELS:
        parts, y = _panel(results, scenario, heading, _notes(options)[scenario], y)
        body += parts
    height = y + FOOT - 14
    footer = f"Medians of {options.repeat} interleaved rounds in one run, on loopback. Compare bars of one panel only."
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>Fan-out: deliveries per CPU-second of the server</title>",
            f"<style>{_STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height:.0f}" rx="8" class="page"/>',
            _text(MARGIN, 38, "Deliveries per CPU-second of the server", "text title"),
            _text(WIDTH - MARGIN, 38, "longer is better", "soft small", "end"),
            f'<path d="M{MARGIN} 54H{WIDTH - MARGIN}" class="rule"/>',
            *body,
            _text(MARGIN, height - 18, footer, "soft small"),
            "</svg>",
            "",
        ]
    )
