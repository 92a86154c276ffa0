"""Sums of money."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.money import sums


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1\u00a0234\u00a0567,89 руб.", "1234567.89", "RUB"),
        ("12 345 руб. 67 коп.", "12345.67", "RUB"),
        ("150 000 (сто пятьдесят тысяч) рублей", "150000", "RUB"),
        ("1,5 млн руб.", "1500000", "RUB"),
        ("254 150,25 тыс. руб.", "254150250", "RUB"),
        ("100 ₽", "100", "RUB"),
        ("$1,234.56", "1234.56", "USD"),
        ("$1.2 million", "1200000", "USD"),
        ("£5m", "5000000", "GBP"),
        ("1,200 USD", "1200", "USD"),
        ("EUR 1.234,56", "1234.56", "EUR"),
        ("500,00 €", "500.00", "EUR"),
    ],
)
def test_a_sum_is_exact(text: str, amount: str, currency: str) -> None:
    """As a decimal number in units of its currency, with all that belongs to it in its span."""
    told = f"Цена: {text}"
    (found,) = sums(told, fold(told))
    assert (found.amount, found.currency, found.text) == (amount, currency, text)


@pytest.mark.parametrize("text", ["3 рубрики", "1 200", "24.06.2019 руб.", "5 евростандартов", "$", "руб."])
def test_a_number_without_a_currency_is_no_money(text: str) -> None:
    """Nor is a word that begins like one."""
    assert list(sums(text, fold(text))) == []
