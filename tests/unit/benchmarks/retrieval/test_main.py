"""`python -m benchmarks.retrieval`, its options; the measuring itself is in the other tests."""

from __future__ import annotations

import pytest

from benchmarks.retrieval.__main__ import main


def test_help_says_what_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """And how long it takes."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    for word in ("recall@5", "nDCG@10", "--half", "--model", "--sizes", "--json", "minutes"):
        assert word in told


@pytest.mark.parametrize("arguments", [["--half", "x"], ["--sizes", "-1"], ["--sizes", "many"], ["--model", "x"]])
def test_a_wrong_option_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is trained."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert arguments[0] in capsys.readouterr().err
