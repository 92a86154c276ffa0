"""Numbers with units, in Russian and English: `25 мм`, `1 200 м³`, `-5 °C`, `10-15 мм`, `200x300 mm`.

Units are told by their case (МПа, not МПА): `5 М` is no length. The unit is given in one spelling: м² for м2 and кв. м.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from integrations.rag_trainer.recognition.numbers import NOT_WITHIN, NUMBER, decimal, plain
from integrations.rag_trainer.results import Quantity

_RUSSIAN: Final = (
    r"(?:кН|МН|Н|кгс|тс|кг|т|г)/(?:мм|см|м|л)[23²³]?|м[3³]/(?:сут|с|ч)|м/с"
    r"|Вт/\(?м[2²]?[·*× ]{0,3}(?:°?[CСK])\)?|л/(?:мин|с|ч)|км/ч",
    r"(?:кв|куб|пог)\. ?м|(?:мк|м|с|д|к)?м[23²³]?|м\.п\.|п\.м\.|га|мл|л|мг|кг|тн|т|г",
    r"[МкГ]?Па|[Мк]?Н|тс|кгс|[Мк]?Вт(?:·ч)?|кВ(?:А|·А)?|[кМ]?Гц|м[кА]?А|дБА?",
    r"шт\.?|компл\.?|ед\.|чел\.?-(?:ч(?:ас)?|дн)\.?|чел\.?|маш\.?-(?:ч(?:ас)?|см)\.?|комплект(?:а|ов)?"
    r"|человека?|штук[аи]?",
    r"(?:(?:рабочи[хй]|календарны[хй]) )?(?:дн(?:ей|я|\.)|день)|сут(?:ок|ки|\.)?|час(?:ов|а)?|ч|мин(?:ут[аы]?|\.)?",
    r"мес(?:яц(?:ев|а)?|\.)?|недел[ьия]|лет|смен[аы]?|циклов",
)
_ENGLISH: Final = (
    r"[kM]?N/(?:mm|cm|m)[23²³]?|(?:kg|t|g)/(?:cm|m|l)[23²³]?|m[3³]/(?:s|h)|m/s|km/h|[lL]/(?:min|s|h)"
    r"|W/\(?m[2²]?[·*]?K\)?",
    r"(?:m|c|d|k|µ|μ)?m[23²³]?|inch(?:es)?|feet|foot|(?:sq\.? ?|cu\.? ?)(?:ft|yd|in)\b|(?:ft|yd|in)[23²³]?"
    r"|yards?|miles?",
    r"kg|mg|g|t|tonnes?|tons?|lbs?|kips?|[kM]?N|[MkG]?Pa|psi|ksi|psf|pcf|[kM]?W|kVA?|V|[kM]?Hz|m[lL]|[lL]"
    r"|lit(?:res?|ers?)|dB",
    r"pcs\.?|pieces|(?:working |calendar )?days?|hours?|weeks?|months?|years?|minutes?|min|hrs?|cy|ha",
)
_MARKS: Final = r"° ?[CСFКK]|℃|°|%|‰"
_UNITS: Final = "|".join((*_RUSSIAN, *_ENGLISH, "В"))
_PART: Final = r"\d{1,6}(?:[.,]\d{1,3})?"
_ALL: Final = re.compile(
    rf"(?:(?<![\w.,)])(?P<sign>[-+±]|[Мм]инус|[Пп]люс|[Mm]inus) ?|(?<=[Øø⌀])|{NOT_WITHIN})"
    rf"(?P<between>[Bb]etween )?(?P<number>{NUMBER})"
    rf"(?P<sizes>(?: ?[xхXХ×*] ?{_PART}){{1,3}})?"
    rf"(?:(?: ?(?:-|\.{{3}}|…|÷) ?| (?:до|to) |(?(between) and |(?!)))(?P<to>{NUMBER}))?"
    rf"(?:[ \n]?(?P<unit>{_UNITS})(?![\w²³]|/[A-Za-zА-Яа-я])| ?(?P<mark>{_MARKS})(?![A-Za-zА-Яа-я]))"
)
_SAME: Final = {
    "тн": "т",
    "℃": "°C",
    "°": "°",
    "кв.м": "м²",
    "куб.м": "м³",
    "пог.м": "пог. м",
    "п.м.": "пог. м",
    "м.п.": "пог. м",
    "шт": "шт.",
    "чел.-ч.": "чел.-ч",
    "чел.-дн.": "чел.-дн",
    "маш.-ч.": "маш.-ч",
    "маш.-см.": "маш.-см",
}
_SQUARED: Final = re.compile(r"(?<=[мmtnd])([23])(?=$|/)")
_VOLTAGES: Final = frozenset(["12", "24", "36", "42", "48", "110", "127", "220", "230", "240", "380", "400", "660"])
_ABBREVIATED: Final = re.compile(r"\. ?[а-я]\.")
"""What makes `т` and `г` parts of `т. д.`, `т.п.`"""
_SHEETS: Final = re.compile(r"на \d{1,4} ?л\.")
"""`на 3 л. в 2 экз.`: three sheets, not litres."""
_YEAR: Final = re.compile(r"(?:1[89]|20|21)\d\d")
_IN_ENDS: Final = re.compile(r" ?(?:[.,;)x×]|$)", re.MULTILINE)


def quantities(text: str, folded: str) -> Iterator[Quantity]:
    """Yield the quantities of a text, in their order; `folded` is the same text folded.

    The value of a range (`10-15`, `от 10 до 15`, `between 10 and 15`) is `10..15`, that of a size `200x300`.
    """
    for found in _ALL.finditer(folded):
        unit = _unit(found["unit"] or found["mark"])
        if not _is_word(found, unit, folded):
            start, end = found.start("number") if found["between"] else found.start(), found.end()
            yield Quantity(start=start, end=end, text=text[start:end], value=_value(found), unit=unit)


def _unit(as_it_stands: str) -> str:
    unit = as_it_stands.replace(" ", "")
    if unit.startswith("°") and len(unit) > 1:
        return "°" + unit[1].replace("С", "C").replace("К", "K")
    unit = _SAME.get(unit, as_it_stands)
    return _SQUARED.sub(lambda power: "²" if power[1] == "2" else "³", unit)


def _is_word(found: re.Match[str], unit: str, folded: str) -> bool:
    """Whether what looks like a unit is a preposition, the begin of a sentence, or the year's `г.`"""
    start, end = found.span()
    if unit == "В":
        return found["number"] not in _VOLTAGES or start == 0 or folded[start - 1] == "\n"
    if unit == "in":
        return not _IN_ENDS.match(folded, end)
    if unit == "л" and _SHEETS.match(folded, max(0, start - 3), end + 1):
        return True
    if unit == "г" and _YEAR.fullmatch(found["number"]):
        return True
    return unit in ("т", "г", "ч", "л") and bool(_ABBREVIATED.match(folded, end, end + 4))


def _value(found: re.Match[str]) -> str:
    latin = bool(found["unit"]) and found["unit"].isascii()
    sign = {"-": "-", "±": "±", "м": "-", "М": "-", "m": "-", "M": "-"}.get((found["sign"] or "+")[0], "")
    parts = [found["number"], *re.findall(_PART, found["sizes"] or "")]
    value = sign + "x".join(plain(decimal(part, comma_groups=latin)) for part in parts)
    return f"{value}..{plain(decimal(found['to'], comma_groups=latin))}" if found["to"] else value
