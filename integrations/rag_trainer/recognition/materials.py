"""Materials with their grades, in Russian and English: `бетон класса В25`, `арматура А500С`, `C30/37 concrete`.

A material without a grade counts where it is named first; all later mentions of it say no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from integrations.rag_trainer.results import Material

_CLASS: Final = (
    r"(?: (?:по прочности|на сжатие|прочностью|тяжелого|тяжелый|мелкозернистый|мелкозернистого|монолитный|монолитного"
    r"|керамический|керамического|силикатный|цементный|цементного|рядовой|полнотелый|полнотелого|портландский|сортовая"
    r"|периодического профиля|гладкая|рабочая|листовая|прокатная|конструкционная))?"
    r"(?:,? (?:класс[а-я]{0,3}|марк[а-я]{1,3}|кл\.|м\.))?(?: по прочности)?(?: на сжатие(?: и растяжение)?)? ?"
)
_B: Final = r"[BВ] ?\d{1,3}(?:[.,]\d)?|[MМ] ?-?\d{2,4}"
_STEEL: Final = r"[CС] ?\d{3}[А-ЯA-Z]?|[CС][тt] ?\d(?:[а-я]{2})?\d?|\d{2}[А-Я]\d?[А-Я]{1,2}\d?[А-Я]{0,2}"
_REBAR: Final = r"[AА]т?-?(?:\d{3}[CСEЕ]?|[IVX]{1,3}[а-я]?)|[BВ]р?-?(?:\d{3}[CС]?|[1IVX]{1,2})"
_EN_STEEL: Final = (
    r"S ?\d{3}(?: ?[A-Z]{1,2}\d?[A-Z]?)?|A\d{2,3}M?(?: (?:Gr\.?|[Gg]rade) ?\d{1,3})?|(?:Gr\.?|[Gg]rade) ?\d{2,3}"
)
_EN_REBAR: Final = r"B ?\d{3} ?[ABC]|(?:Gr\.?|[Gg]rade) ?\d{2,3}(?: ksi)?|A615|#\d{1,2}"
_EN_CONCRETE: Final = r"C ?\d{1,3}/\d{1,3}|[CBM] ?\d{1,3}|[Gg]rade [CMB]? ?\d{1,3}"
_EN_CEMENT: Final = r"CEM ?[IV]{1,3}(?:/[A-C](?:-[A-Z]{1,2})?)?(?: \d\d[.,]5 ?[NRL]?)?|[Tt]ype (?:IP|[IV]{1,3})"


class _Kind(NamedTuple):
    """A material: its words, what may stand between them and the grade, and the grades; `before`: grades come first."""

    name: str
    word: str
    grade: str = ""
    between: str = _CLASS
    before: str = ""


_EN_BETWEEN: Final = r"(?: (?:of|class|strength|type|bars?)){0,3},? "
_KINDS: Final = (
    _Kind("бетон", r"[Жж]?(?:елезо)?[Бб]етон(?:а|ом|у|е|ы|ов|ная смесь|ную смесь|ной смес(?:и|ью))?", _B),
    _Kind("раствор", r"[Рр]аствор(?:а|ом|у|е|ы|ов)?", r"[MМ] ?-?\d{2,4}"),
    _Kind("арматура", r"[Аа]рматур(?:а|ы|у|е|ой|ная сталь|ной стали)|[Сс]тержн(?:и|ей|ями)", _REBAR),
    _Kind("проволока", r"[Пп]роволок(?:а|и|у|ой)", _REBAR),
    _Kind("кирпич", r"[Кк]ирпич(?:а|ом|у|е|и|ей)?", r"[MМ] ?-?\d{2,4}"),
    _Kind("сталь", r"[Сс]тал(?:ь|и|ью|ей)", _STEEL),
    _Kind(
        "цемент",
        r"(?:[Пп]ортланд|[Шш]лакопортланд)?[Цц]емент(?:а|ом|у|е)?",
        r"ЦЕМ ?[IV]{1,3}(?:/[АВБ](?:-[А-Я])?)?(?: \d\d[.,]5 ?[НБ])?|(?:ПЦ|ШПЦ) ?-?\d{3}(?:-Д\d{1,2})?|[MМ] ?-?\d{3}",
    ),
    _Kind(
        "щебень", r"[Щщ]еб(?:ень|ня|нем|не)", r"(?:фр(?:\.|акции|акция) ?)\d{1,3} ?- ?\d{1,3}(?: ?мм)?|[MМ] ?-?\d{3,4}"
    ),
    _Kind("битум", r"[Бб]итум(?:а|ом|ы)?", r"БН[ДК]? ?\d{2,3}/\d{2,3}"),
    _Kind("песок", r"[Пп]ес(?:ок|ка|ком|ке)"),
    _Kind("гравий", r"[Гг]рави(?:й|я|ем)"),
    _Kind("гипсокартон", r"[Гг]ипсокартон(?:а|ом)?"),
    _Kind("пенополистирол", r"[Пп]енополистирол(?:а|ом)?", r"ППС ?\d{1,2}|ПСБ-?С?-?\d{2}"),
    _Kind("минеральная вата", r"[Мм]инераловатн(?:ые|ых|ая) плит(?:ы|а)?|[Мм]инеральн(?:ая|ой) ват(?:а|ы|ой)"),
    _Kind("рубероид", r"[Рр]убероид(?:а|ом)?", r"РК[ПК] ?-?\d{3}"),
    _Kind("фанера", r"[Фф]анер(?:а|ы|ой)"),
    _Kind("асфальтобетон", r"[Аа]сфальтобетон(?:а|ом)?"),
    _Kind("concrete", r"[Cc]oncrete", _EN_CONCRETE, _EN_BETWEEN, rf"{_EN_CONCRETE}"),
    _Kind("rebar", r"[Rr]ebars?|[Rr]einforcement|[Rr]einforcing (?:steel|bars?)", _EN_REBAR, _EN_BETWEEN, _EN_REBAR),
    _Kind("steel", r"(?:[Ss]tructural )?[Ss]teel", _EN_STEEL, _EN_BETWEEN, _EN_STEEL),
    _Kind("cement", r"(?:[Pp]ortland )?[Cc]ement", _EN_CEMENT, _EN_BETWEEN, _EN_CEMENT),
    _Kind("brick", r"[Bb]ricks?", r"M ?\d{2,3}", _EN_BETWEEN, r"M ?\d{2,3}"),
    _Kind("timber", r"[Tt]imber", r"C\d{2}|GL ?\d{2}[hc]?", _EN_BETWEEN, r"C\d{2}|GL ?\d{2}[hc]?"),
    _Kind(
        "bolts",
        r"[Bb]olts?",
        r"(?:M\d{1,2}(?: (?:grade|class))? ?)?(?:4\.6|5\.8|8\.8|10\.9)|M\d{1,2}",
        _EN_BETWEEN,
        r"M\d{1,2}",
    ),
    _Kind("gravel", r"[Gg]ravel"),
    _Kind("sand", r"[Ss]and"),
    _Kind("plasterboard", r"[Pp]lasterboard|[Dd]rywall"),
    _Kind("plywood", r"[Pp]lywood"),
    _Kind("mineral wool", r"[Mm]ineral wool"),
)


def _pattern(number: int, kind: _Kind) -> str:
    after = rf"(?:{kind.between}(?P<a{number}>{kind.grade})(?!\w))?" if kind.grade else ""
    main = rf"(?P<w{number}>{kind.word})(?![A-Za-zА-Яа-я]){after}"
    return rf"(?P<b{number}>{kind.before}) (?:{kind.word})(?![A-Za-z])|{main}" if kind.before else main


_ALL: Final = re.compile(
    r"(?<![A-Za-zА-Яа-я0-9])(?:" + "|".join(_pattern(number, kind) for number, kind in enumerate(_KINDS)) + ")"
)


def materials(text: str, folded: str) -> Iterator[Material]:
    """Yield the materials of a text, in their order; `folded` is the same text folded."""
    seen: set[str] = set()
    spaced = folded.replace("\n", " ")
    for found in _ALL.finditer(spaced):
        group = found.lastgroup or ""
        name = _KINDS[int(group[1:])].name
        graded = group[0] != "w"
        if graded or name not in seen:
            start, end = found.span()
            grade = text[found.start(group) : found.end(group)] if graded else None
            yield Material(start=start, end=end, text=text[start:end], name=name, grade=grade)
        seen.add(name)
