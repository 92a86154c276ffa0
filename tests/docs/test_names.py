"""What the documentation calls by name exists: options, variables, metrics, close codes, errors, commands."""

from __future__ import annotations

import argparse
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from channels.errors import ErrorCode
from hub.cli.command import build_parser
from hub.closing import CloseCode
from hub.configuration.catalog import PREFIX, kind_at
from hub.options import Settings
from tests.docs.pages import ROOT, Page, page, pages
from tests.live import LiveHub, running, settings_for

every_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)

_SECTIONS = "|".join(Settings.model_fields)
_OPTION = re.compile(rf"(?:{_SECTIONS})(?:\.[a-z][a-z0-9_]*)+")
_VARIABLE = re.compile(rf"\b{PREFIX}[A-Z0-9_]*__[A-Z0-9_]+\b")
_METRIC = re.compile(r"\btocsin_[a-z_]+\b")
_NO_METRICS = {"tocsin_client", "tocsin_hub", "tocsin_config", "tocsin_session", "tocsin_agents", "tocsin_memories"}
_NO_METRICS |= {
    "tocsin_stream_",
    "tocsin_db_",
    "tocsin_firewall_",
    "tocsin_training_",
    "tocsin_documents",
    "tocsin_agent_",
}
"""A package, the fixtures of its pytest plugin, cookies, a schema, collections, and beginnings of names."""
_CLOSE_CODE = re.compile(r"(?<![\d:.,])4\d{3}(?![\d,.]\d|\d| bytes)")
_NO_CODES = {"4096", "4499", "4999"}
"""A number of bytes, and the ends of ranges."""
_ERROR_CODE = re.compile(r"(?:error|errors|code|codes|refuse[sd]? with|answered with)(?: is| are)? `([a-z_]+)`")
_COMMAND = re.compile(r"(?:^|[\s/(])tocsin (?P<name>[a-z][a-z-]*)(?P<rest>[^\n]*)")
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_MAKE = re.compile(r"(?:^|[`$ ])make ([a-z-]+)(?=[`\n]| +ARGS=| +#)", re.MULTILINE)
_MODULES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for path in ROOT.glob("channels/**/*.py")
}


WITH_ALL: dict[str, Any] = {"error_firewall__enabled": True, "database__url": "postgresql://127.0.0.1:1/away"}
WITH_ALL |= {"analysis__enabled": True, "analysis__roots": ["/nonexistent"], "analysis__folder": "/nonexistent"}
"""Options by which a hub has every metric."""


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[LiveHub]:
    """A hub with every part that measures something."""
    trainer = {"rag_trainer__enabled": True, "rag_trainer__folder": str(tmp_path)}
    agents = {"agents__enabled": True, "agents__key_file": str(tmp_path / "key")}
    async with running(settings_for(**WITH_ALL, **trainer, **agents)) as live:
        yield live


def unknown_options(page: Page) -> list[str]:
    """Options in the prose that the hub doesn't have."""
    named = {span for span in page.code_spans if _OPTION.fullmatch(span)}
    return sorted(name for name in named if kind_at(name.split(".")) is None and name not in _MODULES)


def unknown_variables(page: Page) -> list[str]:
    """Environment variables, also in code, that set nothing."""
    named = set(_VARIABLE.findall(page.text))
    return sorted(name for name in named if kind_at(name.removeprefix(PREFIX).lower().split("__")) is None)


def unknown_close_codes(page: Page) -> list[str]:
    """Numbers in the prose that look like close codes and are none."""
    known = {str(int(code)) for code in CloseCode}
    return sorted(set(_CLOSE_CODE.findall(page.prose)) - known - _NO_CODES)


def unknown_errors(page: Page) -> list[str]:
    """Words that the prose calls errors, and the hub doesn't know."""
    return sorted(set(_ERROR_CODE.findall(page.prose)) - {code.word for code in ErrorCode} - {"code"})


def unknown_flags(page: Page) -> list[str]:
    """Commands and options of `tocsin`, in prose and in code, that it doesn't take."""
    parsers = _parsers()
    unknown = []
    for text in _command_lines(page):
        for match in _COMMAND.finditer(text):
            parser = parsers.get(match["name"])
            if parser is None:
                unknown.append(f"tocsin {match['name']}")
            elif match["name"] != "bench":
                flags = _FLAG.findall(re.split(r"[|;`]|#", match["rest"])[0])
                unknown += [f"tocsin {match['name']} {flag}" for flag in flags if flag not in parser]
    return unknown


def _command_lines(page: Page) -> Iterator[str]:
    """Where commands stand: code spans, fenced and indented code."""
    yield from (span for span in page.code_spans if span.startswith("tocsin "))
    for fence in page.fences:
        if fence.language in ("", "sh", "console", "ini"):
            # What a console prints is no command.
            yield from (line for line in fence.text.splitlines() if fence.language != "console" or line[:1] in "$ ")
    yield from (line for line in page.prose.splitlines() if line.startswith("    "))


def _parsers() -> dict[str, set[str]]:
    return {name: _options_of(parser) for name, parser in _commands_of(build_parser()).items()}


def _commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return {name: command for action in found for name, command in action.choices.items()}


def _options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Its options, and those of its own commands."""
    return set(parser._option_string_actions).union(*map(_options_of, _commands_of(parser).values()))


def unknown_targets(page: Page) -> list[str]:
    """Targets of `make` that the Makefile lacks."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = "\n".join([*(f"`{span}`" for span in page.code_spans), *(fence.text for fence in page.fences)])
    return sorted(set(_MAKE.findall(code)) - targets)


@every_page
def test_options_exist(page: Page) -> None:
    """`limits.x` is in hub/options.py, and `TOCSIN_LIMITS__X` sets it."""
    assert unknown_options(page) == []
    assert unknown_variables(page) == []


@every_page
def test_codes_exist(page: Page) -> None:
    """Close codes are in hub/closing.py, errors in channels/errors.py."""
    assert unknown_close_codes(page) == []
    assert unknown_errors(page) == []


@every_page
def test_commands_exist(page: Page) -> None:
    """`tocsin` takes the options, the Makefile has the targets."""
    assert unknown_flags(page) == []
    assert unknown_targets(page) == []


def _names(exposed: bytes) -> Iterator[str]:
    """Metrics as they are named in queries: counters end in `_total`."""
    for family in text_string_to_metric_families(exposed.decode()):
        if not family.name.endswith("_created"):
            yield f"{family.name}_total" if family.type == "counter" else family.name


def _with_series(names: Iterable[str]) -> set[str]:
    return {name + suffix for name in names for suffix in ("", "_bucket", "_count", "_sum")}


async def test_metrics_exist(hub: LiveHub) -> None:
    """Wherever a page names one."""
    known = _with_series(_names(hub.hub.metrics.expose()))
    named = {(p.name, name) for p in pages() for name in _METRIC.findall(p.text) if name not in _NO_METRICS}
    assert sorted((p, name) for p, name in named if name not in known) == []


async def test_the_page_on_observability_has_every_metric(hub: LiveHub) -> None:
    """Its table lists exactly what /metrics exposes, with type and labels."""
    families = text_string_to_metric_families(hub.hub.metrics.expose().decode())
    exposed = {(name, family.type) for family in families for name in _names_of(family.name, family.type)}
    rows = re.findall(r"^\| `(tocsin_\w+)` \| (\w+) \|", page("docs/topics/observability.md").text, re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == exposed


def _names_of(name: str, kind: str) -> list[str]:
    if name.endswith("_created"):
        return []
    return [f"{name}_total" if kind == "counter" else name]


def test_wrong_names_are_found() -> None:
    """Each check can fail."""

    class Wrong(Page):
        text = (
            "`limits.nothing`, TOCSIN_LIMITS__NOTHING, closed with 4006, the error `no_luck`, `tocsin serve --quick`\n"
            "and `tocsin sing`, `make money`.\n"
        )
        path = ROOT / "wrong.md"

    wrong = Wrong(ROOT / "wrong.md")
    assert unknown_options(wrong) == ["limits.nothing"]
    assert unknown_variables(wrong) == ["TOCSIN_LIMITS__NOTHING"]
    assert unknown_close_codes(wrong) == ["4006"]
    assert unknown_errors(wrong) == ["no_luck"]
    assert unknown_flags(wrong) == ["tocsin serve --quick", "tocsin sing"]
    assert unknown_targets(wrong) == ["money"]
