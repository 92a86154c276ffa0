"""Designations of norms and standards, such as `СП 48.13330.2019`, `ГОСТ Р 51321.1-2007`, `ISO 9001:2015`.

A designation needs its family's own number format: `СП 5` (a person's initials, a joint venture) is none. The year may
be absent, as in running text it often is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_GAP: Final = r"[ \n]{1,3}"
_DASH: Final = r" ?-[ \n]?"
_RU_PREFIX: Final = r"(?:(?:Р|РВ)(?![а-яА-Я]))"
_ADOPTED: Final = r"(?:ИСО|МЭК|ЕН|ИСО/МЭК|ISO|IEC|EN|ISO/IEC)"

_FAMILIES: Final = (
    (
        "gost",
        rf"Г[О0]СТ(?:{_GAP}{_RU_PREFIX})?(?:{_GAP}{_ADOPTED})?{_GAP}"
        rf"\d{{1,6}}(?:\.\d{{1,4}}){{0,4}}(?:{_DASH}\d{{1,3}}){{0,3}}?(?:{_DASH}(?:19|20)?\d\d)?(?!\d)\*?(?!-\d)",
    ),
    (
        "snip",
        r"СНи[Пп]" + _GAP + r"(?:РК )?(?:\d{1,2}\.\d\d\.\d\d|[IVX1]{1,4}-(?:\d{1,3}|[А-Я])(?:\.\d{1,2})?|\d\d-\d\d)"
        r"(?:-(?:19|20)?\d\d)?(?!\d)\*{0,2}",
    ),
    ("sp", rf"СП{_GAP}\d{{1,4}}(?:\.\d{{4,7}}(?:\.(?:19|20)\d\d)?|(?:-\d{{1,3}}){{1,2}}-(?:19|20)?\d\d)(?!\d)\*?"),
    ("vsn", r"ВСН" + _GAP + r"\d{1,3}(?:\.\d{1,3}){0,2}-\d\d(?!\d)(?:\([а-я]\))?(?:/[А-Яа-я]{1,20})?"),
    ("sanpin", r"(?:СанПиН|СП|СН|ГН)" + _GAP + r"\d\.\d(?:\.\d)?(?:/\d\.\d\.\d)?\.\d{3,4}-\d\d(?!\d)"),
    ("rd", r"(?:РД|МДС|ОДМ|РТМ|ПБ|НПБ|ППБ|ТСН|МГСН|СН|ВНТП|НТП|МУ|РМД)[ \n-]\d{1,3}(?:[.-]\d{1,4}){1,4}(?!\d)"),
    ("sto", rf"СТО{_GAP}(?:[А-Я]{{3,20}} )?\d{{1,9}}(?:[.-]\d{{1,4}}){{1,5}}(?!\d)"),
    ("tu", rf"ТУ{_GAP}\d{{2,4}}(?:[.-]\d{{1,9}}){{2,6}}(?!\d)"),
    ("tr", rf"ТР{_GAP}(?:ТС|ЕАЭС){_GAP}\d{{3}}/20\d\d"),
    ("law", r"(?:№ ?)?\d{1,3}-ФЗ"),
    (
        "en",
        rf"(?:(?:BS|DIN|NF|UNE|CSN|NS|SS) )?EN(?: (?:ISO|IEC))?{_GAP}\d{{2,5}}(?:-\d{{1,3}}){{0,3}}"
        r"(?::(?:19|20)\d\d(?:\+A\d:(?:19|20)\d\d)?)?(?!\d)",
    ),
    (
        "iso",
        rf"ISO(?:/(?:IEC|TS|TR|DIS|FDIS|PAS|ASTM)){{0,2}}{_GAP}\d{{3,6}}(?:-\d{{1,3}}){{0,2}}(?::(?:19|20)\d\d)?(?!\d)",
    ),
    ("iec", rf"IEC{_GAP}\d{{4,6}}(?:-\d{{1,3}}){{0,3}}(?::(?:19|20)\d\d)?(?!\d)"),
    ("astm", rf"ASTM{_GAP}[A-G] ?\d{{1,4}}M?(?:/[A-G]?\d{{1,4}}M?)?(?: ?- ?\d\d[a-z]?)?(?![\d])"),
    ("aci", rf"ACI{_GAP}\d{{3}}(?:\.\d{{1,2}}R?)?M?(?:-\d\d)?(?!\d)"),
    (
        "building_code",
        rf"(?:IBC|IRC|NFPA|AISC|ASCE|AASHTO|AWS)(?:/SEI)?{_GAP}(?:[A-Z]{{1,3}})?\d{{1,4}}"
        r"(?:\.\d{1,2})?(?:-\d\d)?(?!\d)",
    ),
    ("bs", rf"BS{_GAP}\d{{2,5}}(?:-\d{{1,3}}){{0,2}}(?::(?:19|20)\d\d)?(?!\d)"),
    ("din", rf"DIN{_GAP}\d{{2,6}}(?:-\d{{1,3}}){{0,2}}(?::(?:19|20)\d\d)?(?!\d)"),
    ("gb", rf"GB(?:/T)?{_GAP}\d{{3,6}}(?:\.\d{{1,2}})?(?:-(?:19|20)\d\d)?(?!\d)"),
)
_ALL: Final = re.compile(
    r"(?<![A-Za-zА-Яа-я0-9./-])(?:" + "|".join(f"(?P<{family}>{pattern})" for family, pattern in _FAMILIES) + ")"
    r"(?![A-Za-zА-Яа-я])"
)
_TIDY: Final = re.compile(r" ?- ?")


class Designation(NamedTuple):
    """A designation in a folded text, its family (`gost`, `sp`, ...) and the one spelling for all its variants."""

    start: int
    end: int
    family: str
    name: str


def designations(folded: str) -> Iterator[Designation]:
    """Yield the designations in a folded text, in their order."""
    for found in _ALL.finditer(folded):
        name = _TIDY.sub("-", " ".join(found.group().replace("№", "").replace("Г0", "ГО").split()))
        yield Designation(found.start(), found.end(), found.lastgroup or "", name)
