"""Whoever copies a snippet from a page finds that it works, and prints what the page says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from hub.notify import INBOX
from tests.docs.pages import ROOT, Fence, Page, page, pages, topics
from tests.docs.snippets import Snippets, is_run, matches, outputs, settings_from, settings_of
from tests.live import running
from tests.needs import find_node, is_absent

_FENCES = [fence for page in pages() for fence in page.fences]
_CONFIGURATIONS = [fence for fence in _FENCES if fence.language == "yaml"]
_JSON = [fence for page in topics() for fence in page.fences if fence.language == "json"]
_EXAMPLES = [fence for fence in _FENCES if fence.marked("example")]
_TESTS = [fence for fence in _FENCES if fence.marked("tests")]
_SCRIPTS = [fence for fence in _FENCES if fence.language == "js" and not fence.marked("example")]
_WITH_SNIPPETS = [page for page in pages() if any(map(is_run, page.fences))]


@pytest.mark.parametrize("page", _WITH_SNIPPETS, ids=lambda page: page.name)
async def test_the_snippets_of_a_page_work(page: Page, tmp_path: Path) -> None:
    """From top to bottom, on a hub with the configuration that the page gives."""
    expected = outputs(page)
    async with running(settings_of(page, tmp_path), INBOX) as live:
        snippets = Snippets(live, tmp_path)
        for fence in filter(is_run, page.fences):
            printed = await snippets.run(fence)
            if fence in expected:
                assert matches(expected[fence].text, printed), f"{fence} printed:\n{printed}"
            else:
                assert printed == "", f"{fence} prints what the page doesn't show:\n{printed}"


def test_every_topic_has_something_to_try() -> None:
    """A page without a snippet that runs, a configuration or a command is an essay."""
    essays = [page.name for page in topics() if not page.fences and "tocsin" not in page.text]
    assert essays == []


@pytest.mark.parametrize("fence", _CONFIGURATIONS, ids=str)
def test_a_configuration_can_be_used(fence: Fence, tmp_path: Path) -> None:
    """By itself, as somebody may copy it."""
    assert isinstance(yaml.safe_load(fence.text), dict)
    settings_from([fence.text], tmp_path, {})


@pytest.mark.parametrize("fence", _JSON, ids=str)
def test_json_is_json(fence: Fence) -> None:
    """Messages and answers on the pages can be parsed."""
    json.loads(fence.text)


@pytest.mark.parametrize("fence", _EXAMPLES, ids=str)
def test_what_is_shown_of_an_example_is_in_it(fence: Fence) -> None:
    """Word for word: the examples are what runs."""
    suffix = {"python": ".py", "js": ".mjs"}[fence.language]
    linked = [target for target in page(fence.page).links if "examples/" in target and target.endswith(suffix)]
    shown = [name for name in linked if fence.text in (ROOT / fence.page).parent.joinpath(name).read_text("utf-8")]
    assert shown != [], f"{fence} is in none of {linked}"


@pytest.mark.parametrize("fence", _TESTS, ids=str)
async def test_tests_pass(fence: Fence, tmp_path: Path) -> None:
    """What a page says about testing is run by pytest."""
    (tmp_path / "test_page.py").write_text(fence.text, encoding="utf-8")
    options = "[pytest]\nasyncio_mode = auto\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n"
    (tmp_path / "pytest.ini").write_text(options, encoding="utf-8")
    async with running(settings_from([], tmp_path, {"server.port": 0})) as live:
        printed = await Snippets(live, tmp_path).program(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in printed


@pytest.mark.parametrize("fence", _SCRIPTS, ids=str)
async def test_javascript_can_be_parsed(fence: Fence, tmp_path: Path) -> None:
    """Also of what isn't run."""
    if find_node() is None:
        is_absent("Node", "install Node and npm, then make test")
    async with running(settings_from([], tmp_path, {"server.port": 0})) as live:
        snippets = Snippets(live, tmp_path)
        file = tmp_path / "page.mjs"
        file.write_text(fence.text, encoding="utf-8")
        await snippets.program("node", "--check", str(file))


def test_outputs_are_compared() -> None:
    """White space is free, `...` is anything, and all else counts."""
    assert matches('{"a": "...",\n "b": 1}', '{"a":"x", "b":1}\n')
    assert not matches('{"a": "...", "b": 1}', '{"a":"x", "b":2}')
    assert not matches("one\ntwo", "one")
