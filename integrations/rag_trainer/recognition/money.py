"""Sums of money. A number is money only with its currency beside it; its amount is exact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from integrations.rag_trainer.recognition.numbers import NOT_WITHIN, NUMBER, decimal, plain
from integrations.rag_trainer.results import Money

_SIGNS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "¥": "JPY"}
_CODES: Final = "USD|EUR|GBP|RUB|RUR|CNY|KZT|BYN|CHF|JPY|AED"
_SCALES: Final = (
    (r"тыс(?:\.|яч[аи]?)?|thousand|k", 3),
    (r"млн\.?|миллион(?:а|ов)?|million|mln|mn|m", 6),
    (r"млрд\.?|миллиард(?:а|ов)?|billion|bn", 9),
)
_SCALE: Final = "|".join(scale for scale, _ in _SCALES)
_WORDS: Final = (
    (r"руб(?:\.|л(?:ей|я|ь|ях|ям))?|р\.(?![а-я.])", "RUB"),
    (r"долл(?:\.|аров|ара|ар)?(?: сша)?|us dollars?|dollars?", "USD"),
    (r"евро|euros?", "EUR"),
    (r"тенге", "KZT"),
    (r"юан(?:ей|я|ь)", "CNY"),
    (r"pounds? sterling", "GBP"),
)
_WORD: Final = "|".join(word for word, _ in _WORDS)
_AMOUNT: Final = rf"(?P<number>{NUMBER})"
_IN_WORDS: Final = r"(?: ?\([^()\n\d]{1,150}\))?"
_AFTER: Final = re.compile(
    NOT_WITHIN + _AMOUNT + _IN_WORDS + rf"[ \n]{{0,2}}(?:(?P<scale>{_SCALE})[ \n]{{0,2}})?"
    rf"(?:(?P<sign>[$€£₽¥])|(?P<word>(?:{_WORD}|{_CODES.lower()})(?![a-zа-я0-9])))"
    rf"(?:[ \n]{{1,2}}(?P<cents>\d\d)[ \n]{{0,2}}коп(?:\.|еек|ейки|ейка)?)?"
)
_BEFORE: Final = re.compile(
    rf"(?:(?P<sign>(?:us)?[$€£₽¥])|(?<![a-zа-я0-9])(?P<word>{_CODES.lower()}))[ ]?{_AMOUNT}(?!\d|[.,]\d)"
    r"(?:[ ]?(?P<scale>thousand|million|billion|mln|bn|mn|m|k|млн|млрд|тыс)(?![a-zа-я])\.?)?"
)
_TYPES: Final = tuple((re.compile(word), code) for word, code in _WORDS)
_POWERS: Final = tuple((re.compile(scale), power) for scale, power in _SCALES)


def sums(text: str, folded: str) -> Iterator[Money]:
    """Yield the sums of a text, in their order and not overlapping; `folded` is the same text folded."""
    lowered = folded.lower()
    found = sorted([*_AFTER.finditer(lowered), *_BEFORE.finditer(lowered)], key=lambda match: match.start())
    done = 0
    for match in found:
        if match.start() >= done:
            done = match.end()
            yield _money(text, match)


def _money(text: str, match: re.Match[str]) -> Money:
    currency = _currency(match["sign"], match["word"])
    amount = decimal(match["number"], comma_groups=match.re is _BEFORE or currency not in ("RUB", "KZT", "BYN"))
    scale = match["scale"]
    if scale:
        power = next(power for pattern, power in _POWERS if pattern.fullmatch(scale))
        amount = _whole(amount.scaleb(power))
    if match.re is _AFTER and match["cents"]:
        amount += Decimal(match["cents"]).scaleb(-2)
    start, end = match.span()
    return Money(start=start, end=end, text=text[start:end], amount=plain(amount), currency=currency)


def _whole(amount: Decimal) -> Decimal:
    """Drop the zeros after the decimal mark that a scale leaves behind: 1.50 million is 1500000."""
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount.normalize()


def _currency(sign: str | None, word: str | None) -> str:
    if sign:
        return _SIGNS[sign[-1]]
    assert word
    by_word = next((code for pattern, code in _TYPES if pattern.fullmatch(word)), word.upper())
    return "RUB" if by_word == "RUR" else by_word
