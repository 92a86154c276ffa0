"""No link of the documentation leads nowhere."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from tests.docs.pages import ROOT, Page, anchor_of, page, pages

_OUTSIDE = ("http://", "https://", "mailto:")


def _broken(source: Page, target: str) -> str | None:
    """Say what is wrong with a link within the repository."""
    path, _, anchor = unquote(target).partition("#")
    file = (source.path.parent / path).resolve() if path else source.path
    if not file.is_relative_to(ROOT):
        return f"{target}: leads out of the repository"
    if not file.exists():
        return f"{target}: there is no such file"
    if anchor and file.suffix == ".md" and anchor not in Page(file).anchors:
        return f"{target}: {file.relative_to(ROOT)} has no such heading"
    return None


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Page) -> None:
    """To a file or folder that is there, and to a heading that it has."""
    inside = [target for target in page.links if not target.startswith(_OUTSIDE)]
    assert [problem for target in inside if (problem := _broken(page, target))] == []


def test_a_broken_link_is_found() -> None:
    """The check can fail: file, anchor, and a way out."""
    protocol = page("docs/protocol.md")
    assert _broken(protocol, "topics/http-api.md#publishing") is None
    assert _broken(protocol, "#5-errors") is None
    assert _broken(protocol, "topics/nothing.md") is not None
    assert _broken(protocol, "#55-errors") is not None
    assert _broken(protocol, "../../elsewhere.md") is not None


def test_anchors_are_those_of_github() -> None:
    """Punctuation goes, spaces become hyphens."""
    assert anchor_of("What isn't guaranteed") == "what-isnt-guaranteed"
    assert anchor_of("`notify_channel` and `notify_user`") == "notify_channel-and-notify_user"
    assert anchor_of("3.1 subscribe") == "31-subscribe"


def test_the_index_has_every_page() -> None:
    """Each once, and nothing else of `docs/`."""
    index = page("docs/README.md")
    listed = [target for target in index.links if target.endswith(".md") and not target.startswith("../")]
    written = [name for p in pages() if (name := p.name.removeprefix("docs/")) != p.name and name != "README.md"]
    assert sorted(listed) == sorted(written)


def test_the_examples_are_listed() -> None:
    """Each program in `examples/` stands in its index."""
    programs = {path.name for path in (ROOT / "examples").iterdir() if path.suffix in (".py", ".mjs")}
    assert {target for target in page("examples/README.md").links if not target.startswith("..")} == programs
