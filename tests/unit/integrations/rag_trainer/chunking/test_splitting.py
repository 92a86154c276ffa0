from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rag_trainer.chunking.splitting import Splitter
from tests.rag_index import LetterEmbedder

count = LetterEmbedder().count


def test_pieces_end_with_paragraphs_else_sentences_else_words() -> None:
    """And overlap at a sentence, where one is short enough."""
    text = "aaaa bbbb cccc.\ndddd eeee.\nffff. gggg hhhh iiii jjjj kkkk"
    pieces = [text[a:b] for a, b in Splitter(count, 6).split(text, 0, len(text))]
    assert pieces == ["aaaa bbbb cccc.", "dddd eeee.\nffff.", "gggg hhhh iiii jjjj kkkk"]
    text = "aaaa bbbb. cccc dddd. eeee ffff. gggg hhhh."
    pieces = [text[a:b] for a, b in Splitter(count, 8, overlap=3).split(text, 0, len(text))]
    assert pieces[1].startswith(pieces[0].rsplit(". ", 1)[1])


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab .\nя", max_size=200), st.integers(2, 9), st.integers(0, 6))
def test_everything_is_in_a_piece_and_no_piece_is_too_long(text: str, tokens: int, overlap: int) -> None:
    """Whatever the text."""
    pieces = Splitter(count, tokens, overlap).split(text, 0, len(text))
    covered = {at for start, end in pieces for at in range(start, end)}
    assert all(character.isspace() or at in covered for at, character in enumerate(text))
    assert all(count(text[start:end]) <= tokens for start, end in pieces)
    assert [start for start, _ in pieces] == sorted({start for start, _ in pieces})


def test_a_word_without_end_is_cut_in_time() -> None:
    """In time that grows with the text."""
    begun = time.process_time()
    assert len(Splitter(count, 20, 5).split("x" * 200_000, 0, 200_000)) > 1_000
    assert time.process_time() - begun < 5


def test_many_short_words_are_cut_in_time() -> None:
    """Each character is counted a few times, and not as often as there are words in a piece."""
    text = "я\n" * 5_000
    counted = 0

    def counting(piece: str) -> int:
        nonlocal counted
        counted += len(piece)
        return count(piece)

    pieces = Splitter(counting, 200).split(text, 0, len(text))
    assert [end - start for start, end in pieces] == [399] * 25
    assert counted < 30 * len(text)
