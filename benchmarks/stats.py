"""The few statistics that the tables need, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def middle(values: Sequence[float]) -> float | None:
    """The median, or None of nothing."""
    return median(values) if values else None


def spread(values: Sequence[float]) -> float | None:
    """Half the distance between the extremes as a share of the median: 0.1 means about ±10 %. None below two values."""
    if len(values) < 2 or not median(values):
        return None
    return (max(values) - min(values)) / 2 / median(values)


def paired_ratio(values: Mapping[int, float], base: Mapping[int, float]) -> float | None:
    """The median of value / base over the rounds that both have, so that slow and fast hours drop out."""
    return middle([values[key] / base[key] for key in values if base.get(key)])


def short(value: float | None) -> str:
    """Three digits and a letter: 71.2 k, 1.31 M."""
    if value is None:
        return "-"
    for size, letter in _STEPS:
        if abs(value) >= 0.9995 * size:
            return f"{_three(value / size)} {letter}"
    return _three(value)


def _three(value: float) -> str:
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{decimals}f}"


def times(ratio: float | None) -> str:
    """A ratio: 0.59, 9.8, 120."""
    return "-" if ratio is None else _three(ratio)


def percent(share: float | None) -> str:
    """A spread: ±7 %."""
    return "-" if share is None else f"±{share * 100:.0f} %"


def milliseconds(microseconds: float | None) -> str:
    """A delay given in microseconds."""
    return "-" if microseconds is None else _three(microseconds / 1000)
