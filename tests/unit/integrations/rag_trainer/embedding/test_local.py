"""The real models, from their packages."""

from __future__ import annotations

import numpy as np
import pytest

from integrations.rag_trainer.embedding.local import LocalEmbedder, is_latin


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


def test_meaning_is_near_in_both_languages_and_across(embedder: LocalEmbedder) -> None:
    """The passage that answers is nearer than those that don't; an English question finds the Russian passage."""
    ru = ["Уход за свежим бетоном ведут семь суток.", "Кирпич доставляют на поддонах.", "Лифты испытывают нагрузкой."]
    en = ["Fresh concrete is kept wet for seven days.", "Bricks arrive on pallets.", "Lifts are tested with a load."]
    rows_ru, rows_en = embedder.embed(ru), embedder.embed(en)
    assert int((rows_ru @ embedder.embed(["Сколько дней поливать бетон?"])[0]).argmax()) == 0
    question = embedder.embed(["How long must concrete be cured?"])[0]
    assert int((rows_en @ question).argmax()) == 0
    assert int((rows_ru @ question).argmax()) == 0


def test_a_text_has_the_same_vector_in_any_company(embedder: LocalEmbedder) -> None:
    """To the byte, of length 1; a blank one too, and none at all."""
    texts = ["бетон", "concrete, steel", "", "\x00", "1.2"]
    rows = embedder.embed(texts)
    assert rows.shape == (5, embedder.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    for text, row in zip(texts, rows, strict=True):
        assert embedder.embed([text])[0].tobytes() == row.tobytes()
    assert embedder.embed([]).shape == (0, embedder.dimensions)


def test_tokens_are_counted_and_nothing_is_cut_off(embedder: LocalEmbedder) -> None:
    """A text that is too long is refused."""
    assert embedder.count("") == embedder.count(" \n") == 0
    assert embedder.count("бетон бетон") == 2 * embedder.count("бетон")
    with pytest.raises(ValueError, match="expected a text of at most 8192 tokens, got one of 9000; split it"):
        embedder.embed(["бетон " * (9_000 // embedder.count("бетон"))])


def test_a_text_is_english_by_its_letters() -> None:
    """By half of them; numbers say nothing."""
    assert is_latin("concrete 5.2")
    assert is_latin("beton бето")
    assert not is_latin("бетон B25")
    assert not is_latin("5.2")
