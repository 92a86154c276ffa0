"""Who reads a figure can measure it: each one stands near the command that reproduces it."""

from __future__ import annotations

import re

from tests.docs.pages import page, pages

_UNIT = (
    r"(?:[kKMG]i?B\b|[µm]s\b|×|times (?:as|faster|more)|"
    r"(?:deliveries|messages|publications|connects|connections)(?: each)? (?:a|per) )"
)
_FIGURE = re.compile(rf"(?<![\w.])\d[\d,.]*(?: ?[-–] ?\d[\d,.]*)?(?: [kM])? ?{_UNIT}")
"""Numbers with the unit of a measurement. Options have seconds and bytes."""
_COMMAND = re.compile(r"make bench|python -m benchmarks|tocsin bench|benchmarks/README\.md")


def unbacked(text: str) -> list[str]:
    """Figures in sections that name no benchmark."""
    return [
        figure[0] for section in sections(text) if not _COMMAND.search(section) for figure in _FIGURE.finditer(section)
    ]


def sections(text: str) -> list[str]:
    """Split a text at its headings."""
    return re.split(r"^(?=#{1,6} )", text, flags=re.MULTILINE)


def test_figures_of_the_readme_can_be_reproduced() -> None:
    """A section with a measured figure names the benchmark."""
    assert unbacked(page("README.md").prose) == []


def test_memory_of_a_connection_is_said_with_its_benchmark() -> None:
    """On every page: it is the figure that is copied most."""
    claims = [s for p in pages() for s in sections(p.prose) if re.search(r"\d KiB (?:each|per|for each) idle", s)]
    assert claims != []
    assert [section for section in claims if not _COMMAND.search(section)] == []


def test_a_figure_without_a_command_is_found() -> None:
    """The check can fail, and knows an option from a measurement."""
    assert unbacked("# Fast\n\n2.8 KiB each, 1.2 M deliveries per second.\n") != []
    assert unbacked("# Fast\n\n2.8 KiB each: `make bench` measures it.\n") == []
    assert unbacked("# Options\n\nevery 30 seconds, 4096 bytes\n") == []
