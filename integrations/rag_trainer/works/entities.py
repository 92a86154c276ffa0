"""Named things: norms, organisations, machines, roles and materials, in Russian and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from integrations.rag_trainer.results import Entity

_PATTERN: Final = re.compile(
    r"\b(?:"
    r"(?P<norm>(?:ГОСТ(?: Р)?(?: ИСО| EN)?|СП|СНиП|ВСН|СанПиН|РД|СТО|ТУ) ?\d[\d.\-–*]{0,20}\d"
    r"|(?:ISO|EN|ASTM|BS|DIN|IEC|ACI)(?: EN)?[ -][A-Z]?\d[\d.\-:]{0,15}\d)"
    r"|(?P<organisation>(?:ООО|АО|ПАО|ЗАО|ОАО|ФГУП|ГУП|МУП|ИП) ?[«\"][^»\"\n]{1,80}[»\"]"
    r"|(?-i:(?:[A-Z][\w&-]{1,30} ){1,4}(?:Ltd|LLC|Inc|GmbH|PLC|Limited)\b))"
    r"|(?P<machine>(?:экскаватор|бульдозер|автокран|бетононасос|автобетоносмесител|автосамосвал|самосвал|каток|катк|виброплит"
    r"|автогрейдер|погрузчик|(?:башенн\w{2,3} |гусеничн\w{2,3} |монтажн\w{2,3} )?кран|копр|компрессор)(?:а"
    r"|у|ом|е|ы|ов|ами|и|ей|ь|я|ем"
    r"|ой)?|(?:excavator|bulldozer|(?:tower |mobile |crawler )?crane|concrete pump|dump truck|roller|loader"
    r"|grader|compactor)s?)\b"
    r"|(?P<role>(?:главн\w{2,3} инженер|производител\w{1,2} работ|прораб|геодезист|электросварщик|сварщик"
    r"|бетонщик|стропальщик"
    r"|монтажник|арматурщик|машинист|крановщик)(?:а|у|ом|е|ы|ов|ами|и)?|(?:site manager|foreman"
    r"|site engineer|surveyor|welder"
    r"|crane operator|rigger|supervisor)s?)\b"
    r"|(?P<material>(?:бетон|арматур|раствор|кирпич|щеб[её]н|песок|песк|цемент|битум"
    r"|геотекстил)(?:ная смесь|а|у|ом|е|ы|ой|ь|ем|я)?"
    r"(?: (?:класса |марки )?[A-ZА-Я]{1,2}\d[\w/]{0,8})?|(?:concrete|rebar|mortar|brick|gravel|sand|cement"
    r"|bitumen|geotextile)s?"
    r"(?: (?:class |grade )?[A-Z]{1,2}\d[\w/]{0,8})?)\b"
    r")",
    re.I,
)
_CAPITALS: Final = ("norm", "organisation")


def entities(text: str, limit: int) -> tuple[Entity, ...]:
    """Return the first named things in the order of the text, at most `limit`."""
    return tuple(islice(_entities(text), limit))


def _entities(text: str) -> Iterator[Entity]:
    for match in _PATTERN.finditer(text):
        kind = match.lastgroup or ""
        if kind not in _CAPITALS or match[0][0].isupper():
            yield Entity(kind=kind, text=match[0], start=match.start(), end=match.end())
