"""Who is called in a text."""

from __future__ import annotations

import time
import unicodedata

import pytest

from agents.runs.mentions import first_mention


def called(text: str) -> str | None:
    mention = first_mention(text)
    return None if mention is None else next(mention.names())


@pytest.mark.parametrize(
    "text",
    [
        "@coder write it",
        "please ask @coder, then go on",
        "is it (@coder)?",
        "first line\n@coder second",
        "@coder's work",
        "write to bob@example.org, or ask @coder.",
        "see https://medium.com/@someone and ask @coder",
        "`@deploy` stands in the workflow, @coder",
        '"@coder"',
        "\uff20coder write it",
        "ask @coder: why? and then @other",
        "wait...\n@coder",
    ],
)
def test_a_name_behind_an_at_sign_is_a_call(text: str) -> None:
    """It may stand anywhere in the text, with punctuation around it; the first one counts."""
    assert called(text) == "coder"


@pytest.mark.parametrize(
    "text",
    [
        "bob@coder",
        "bob.smith@coder.org",
        "bob+tag@coder",
        "https://medium.com/@coder/posts",
        "www.example.org/@coder",
        "mailto:@coder",
        "npm i @types/node",
        "@app.route('/x')",
        "git@host:path",
        "user@coder:22",
        "`@coder`",
        "``a ` @coder``",
        "```\n@coder\n```",
        "~~~python\n@coder\ndef f(): ...\n~~~\nwhat is this?",
        "````\n```\n@coder\n```\n````",
        "look:\n```python\n@coder",
        "> ```\n> @coder\n> ```",
        "look:\n\n    @coder\n    def f(): ...\n\nwhy?",
        "\\@coder",
        "a @ b",
        "@",
        "@-coder",
        "@@coder",
        "x=@coder",
        "",
    ],
)
def test_an_at_sign_elsewhere_is_no_call(text: str) -> None:
    """E-mail addresses, links, packages, decorators and everything in code is left alone."""
    assert called(text) is None


def test_a_span_that_is_never_closed_is_no_code() -> None:
    """A lone backtick hides nothing."""
    assert called("it's ` so @coder") == "coder"
    assert called("```not a fence``` @coder") == "coder"


@pytest.mark.parametrize("name", ["помощник", "助手", "أحمد", "Ärzte-Rat", "r2_d2", "सहायक"])
def test_names_may_be_of_any_script(name: str) -> None:
    """Letters, digits and marks of any script; however the text composes its characters."""
    assert called(f"@{name} !") == name
    assert called(unicodedata.normalize("NFD", f"@{name} !")) == unicodedata.normalize("NFC", name)


def test_the_longest_name_comes_first() -> None:
    """A word is a name whole. Only where a script has no spaces may the name be its beginning."""
    mention = first_mention("@code-review it")
    assert mention is not None
    assert list(mention.names()) == ["code-review"]
    chinese = first_mention("你好@助手你好")
    assert chinese is not None
    assert list(chinese.names()) == ["助手你好", "助手你", "助手", "助"]
    dashed = first_mention("@coder- look")
    assert dashed is not None
    assert list(dashed.names()) == ["coder-", "coder"]


def test_a_name_that_is_too_long_is_nobody() -> None:
    """Names have 64 characters at most."""
    mention = first_mention("@" + "a" * 5_000)
    assert mention is not None
    assert list(mention.names()) == []


def test_long_and_hostile_texts_take_no_time() -> None:
    """Time grows with the text, whatever stands in it."""
    for piece in ["`", "``` ", "`a``b", "@", "~~~\n", "    x\n\n", "a@", "> ", "http://"]:
        began = time.process_time()
        first_mention(piece * (60_000 // len(piece)))
        assert time.process_time() - began < 2.0, piece
