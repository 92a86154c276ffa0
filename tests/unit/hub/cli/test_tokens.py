"""`tocsin token`."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import jwt
import pytest

from hub.cli import tokens
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two keys, configured by variables."""
    for number, name in enumerate(("main", "spare")):
        monkeypatch.setenv(f"TOCSIN_AUTH__KEYS__{number}__ID", name)
        monkeypatch.setenv(f"TOCSIN_AUTH__KEYS__{number}__SECRET", f"{SECRET}{name}")


def run(*arguments: str) -> tuple[str, str]:
    parser = argparse.ArgumentParser(exit_on_error=False)
    tokens.configure(parser)
    out, err = io.StringIO(), io.StringIO()
    assert tokens.run(parser.parse_args(arguments), Terminal(out, err)) == Exit.OK
    return out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("keys")
def test_the_token_is_all_that_is_printed() -> None:
    """It can be put into a variable or a file as it is."""
    out, err = run("--user", "alice")
    claims = jwt.decode(out.strip(), f"{SECRET}main", ["HS256"], audience="tocsin")
    assert (claims["sub"], claims["exp"] - claims["iat"], err) == ("alice", 1800, "")
    assert out.count("\n") == 1


@pytest.mark.usefixtures("keys")
def test_grants_lifetime_and_key_are_in_the_token() -> None:
    """A name may come with its option, or several with one."""
    options = ["--subscribe", "a", "b*", "--subscribe", "c", "--publish", "d", "--history", "h", "--presence", "p"]
    out, _ = run("--user", "ops", *options, "--room", "r", "--admin", "--lifetime", "12h", "--key", "spare")
    claims = jwt.decode(out.strip(), f"{SECRET}spare", ["HS256"], audience="tocsin")
    assert claims["subscribe"] == ["a", "b*", "c"]
    assert (claims["publish"], claims["history"], claims["presence"], claims["rooms"]) == (["d"], ["h"], ["p"], ["r"])
    assert (claims["admin"], claims["exp"] - claims["iat"]) == (True, 43_200)
    assert jwt.get_unverified_header(out.strip())["kid"] == "spare"


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--user", "two words"], "user"),
        (["--user", "a", "--key", "other"], "other"),
        (["--user", "a", "--lifetime", "9999d"], "max_lifetime"),
        (["--user", "a", "--room", "room!"], "rooms"),
    ],
)
def test_a_token_that_no_hub_would_take_is_not_made(arguments: list[str], words: str) -> None:
    """The reason is told."""
    with pytest.raises(Failure, match=words) as caught:
        run(*arguments)
    assert caught.value.code is Exit.USAGE


@pytest.mark.usefixtures("folder")
def test_without_a_key_there_is_no_token() -> None:
    """There is no default key, and the way to one is told."""
    with pytest.raises(Failure, match="--new-key") as caught:
        run("--user", "alice")
    assert caught.value.code is Exit.USAGE


def test_a_new_key_is_fresh_and_long() -> None:
    """Alone on standard output; how to configure it goes to standard error."""
    keys = {run("--new-key")[0].strip() for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) >= 64 for key in keys)
    assert "TOCSIN_AUTH__KEYS__0__SECRET" in run("--new-key")[1]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800)])
def test_times_have_units(text: str, seconds: float) -> None:
    """Seconds, minutes, hours, days."""
    assert tokens.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "m", "0s", "-1m", "1.5h", "1w", "³s", "1 m", "9999999999s"])
def test_a_time_without_a_unit_is_refused(text: str) -> None:
    """Nobody should have to guess it."""
    with pytest.raises(argparse.ArgumentTypeError):
        tokens.seconds(text)


@pytest.mark.parametrize("arguments", [[], ["--user", "a", "--new-key"]])
def test_it_makes_a_token_or_a_key(arguments: list[str]) -> None:
    """One of them."""
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        run(*arguments)
