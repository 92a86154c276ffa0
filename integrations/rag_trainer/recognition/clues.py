"""What speaks for a type of document: words in its title, its head, its body and its file's name.

Weights are in units of log-odds, set by hand: about 4 for what nearly settles it, 1 for what many documents have. The
words are in small letters with е for ё, as `folding.fold` and `lower` leave them.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Where = Literal["title", "head", "body"]


class Clue(NamedTuple):
    """One pattern; it counts once, however often it is there.

    Attributes:
        where: `title`: at the begin of one of the first lines, or of the file's name; `head`: near the begin of the
            text; `body`: anywhere in what is read.
    """

    type: str
    subtype: str
    weight: float
    where: Where
    pattern: re.Pattern[str]


def _clues(type: str, where: Where, *rows: tuple[float, str] | tuple[float, str, str]) -> list[Clue]:
    begin = r"(?<![\w])" if where != "title" else ""
    return [
        Clue(type, row[2] if len(row) == 3 else "", row[0], where, re.compile(f"{begin}(?:{row[1]})")) for row in rows
    ]


_NORMS: Final = [
    *_clues(
        "norms",
        "title",
        (4, "свод правил", "sp"),
        (4, r"(?:национальный|межгосударственный|государственный|предварительный национальный) стандарт", "gost"),
        (4, "строительные нормы и правила", "snip"),
        (4, "ведомственные строительные нормы", "vsn"),
        (4, r"санитарн(?:ые правила|о-эпидемиологические правила)", "sanpin"),
        (4, "международный стандарт|international standard", "iso"),
        (4, "european standard|norme europ|eurocode", "en"),
        (3, "standard (?:specification|test method|practice|guide|terminology) for", "astm"),
        (4, r"(?:[a-z]{1,20} ){0,3}(?:building|residential|fire|plumbing|electrical|mechanical) code", "building_code"),
        (3, "стандарт организации", "sto"),
        (3, "british standard|bsi standards publication", "en"),
        (2, "designation:", "astm"),
    ),
    *_clues(
        "norms",
        "body",
        (2.5, "настоящ(?:ий свод правил|ие строительные нормы) (?:распространяется|устанавлива|разработан)", "sp"),
        (2.5, "настоящий стандарт (?:распространяется|устанавливает)", "gost"),
        (1.5, r"требовани[а-я]{1,3} настоящего (?:стандарта|свода правил)"),
        (
            2.5,
            r"настоящие (?:санитарные |строительные )?(?:нормы|правила|нормы и правила) (?:распростран"
            r"|устанавлив|следует|долж)",
        ),
        (
            2.5,
            "this (?:international |european |british )?(?:standard|specification|document"
            "|code) (?:specifies|covers|applies|"
            "outlines|establishes|gives)",
        ),
        (2, "building official"),
        (2, "provisions of this (?:code|chapter)", "building_code"),
    ),
    *_clues(
        "norms",
        "head",
        (1.5, "дата введения|введен в действие|срок введения в действие|издание официальное"),
        (1.5, "нормативные ссылки|normative references|referenced documents"),
        (1, "область применения"),
        (0.5, "термины и определения|terms and definitions"),
        (1.5, "national foreword|foreword"),
        (1, "нормы проектирования|технические условия$"),
        (1.5, "федеральное агентство по техническому регулированию|госстрой|госгражданстрой|стандартинформ"),
        (1.5, "актуализированная редакция"),
        (1, "all rights reserved|fifth edition|first edition"),
    ),
]
_ESTIMATES: Final = [
    *_clues(
        "estimate",
        "title",
        (4.5, r"локальн(?:ый|ая) (?:ресурсн(?:ый|ая) )?смет|лср(?![а-я])", "local"),
        (4.5, r"объектн(?:ый|ая) смет", "object"),
        (4.5, "сводный сметный расчет|сср(?![а-я])", "summary"),
        (3.5, r"смет(?:а|ный расчет)(?![а-я])"),
        (4, "bill of quantities|boq(?![a-z])|priced schedule"),
        (4, "(?:[a-z]{1,20} ){0,2}cost estimate|estimate of cost|quotation"),
    ),
    *_clues(
        "estimate",
        "body",
        (1.5, "накладные расходы|нр \\d"),
        (1.5, "сметная прибыль"),
        (1.5, r"(?:гэсн|фер|тер|гэснр|ферр)[а-я]{0,2} ?\d\d"),
        (1, "сметная стоимость"),
        (0.5, "прямые затраты|direct costs"),
        (1, "фот(?![а-я])|средства на оплату труда"),
        (
            1,
            r"(?:кол-во|кол\.|количество|qty|quantity)[^\n]{0,40}\|[^\n]{0,40}(?:цена|стоимость|rate|unit price|price)",
        ),
        (1, "(?:наименование|description)[^\n]{0,80}\\|[^\n]{0,80}(?:всего|сумма|amount|total)"),
        (1, r"(?:ед\. ?изм|единица измерения|ед\.|unit)[^\n]{0,60}\|"),
        (1, "всего по смете|итого по разделу|всего по объекту"),
        (1, "overhead and profit|contingency|grand total|total estimated cost|quantity surveyor"),
        (1, "нормативная трудоемкость|непредвиденные затраты|по главам|номера сметных расчетов"),
    ),
]
_PROJECTS: Final = [
    *_clues(
        "work_project",
        "title",
        (4.5, "проект производства работ|ппр(?![а-я])", "ppr"),
        (4.5, "проект организации строительства|пос(?![а-я])", "pos"),
        (4, 'раздел \\d{1,2}[. ]{1,3}["«]?проект организации строительства', "pos"),
        (4.5, "(?:safe )?(?:work )?method statement|construction method", "method_statement"),
        (4.5, "(?:типовая )?технологическая карта|ттк(?![а-я])", "process_map"),
    ),
    *_clues(
        "work_project",
        "body",
        (1.5, "настоящий проект производства работ|проект производства работ разработан", "ppr"),
        (
            1,
            "технология и организация (?:выполнения )?работ|организация и технология (?:выполнения "
            "|производства )?работ",
        ),
        (1, "стройгенплан|строительный генеральный план"),
        (0.7, "техник[аи] безопасности|охрана труда"),
        (1, "калькуляция затрат труда|график производства работ|календарный план"),
        (1, "схемы? строповки|потребность в (?:машинах|материально|кадрах)|потребности строительства"),
        (1, "подготовительный период"),
        (1, "организационно-технологическая схема|продолжительност[ьи] строительства", "pos"),
        (1, "sequence of works?|step-by-step procedure"),
        (1, "risk assessment|hazards and control|ppe(?![a-z])"),
        (0.7, "plant and equipment|personnel and responsibilities"),
        (0.7, "операционный контроль качества"),
    ),
]
_DRAWINGS: Final = [
    *_clues(
        "drawing_set",
        "title",
        (4, "рабочая документация"),
        (4, "рабочие чертежи|основной комплект рабочих чертежей"),
        (4, "drawing (?:list|index|set|register)|sheet index"),
    ),
    *_clues(
        "drawing_set",
        "body",
        (2, "ведомость (?:рабочих чертежей|основных комплектов|ссылочных)"),
        (1.5, "стадия [^\n]{0,6}лист"),
        (1, "общие данные"),
        (1, "изм\\. кол"),
        (1, "основной комплект рабочих чертежей|рабочая документация"),
        (1.5, "issued for construction|construction documents"),
        (1.5, "do not scale|scale as noted"),
        (1, "drawn by|checked by"),
        (1.5, r"[a-z]{1,2}-\d{3} \|[^\n]{0,60}(?:plan|elevation|section|detail|legend)"),
    ),
]
_CONTRACTS: Final = [
    *_clues(
        "contract",
        "title",
        (4.5, r"договор(?:а)?(?! от)(?![а-я])|контракт(?![а-я])|(?:муниципальный|государственный) контракт"),
        (4.5, "дополнительное соглашение|соглашение"),
        (4, r"(?:sub)?contract(?! price)(?![a-z])|(?:[a-z]{1,20} ){0,3}agreement(?![a-z])"),
    ),
    *_clues(
        "contract",
        "body",
        (2, "именуем[а-я]{2,4} в дальнейшем"),
        (2, "заключили настоящ"),
        (1.5, "предмет (?:договора|контракта)"),
        (1, "реквизиты (?:и подписи )?сторон|подписи сторон|адреса и реквизиты"),
        (1, "права и обязанности сторон|ответственность сторон"),
        (1, "форс-мажор|force majeure|governing law"),
        (1, "(?:подрядчик|поставщик|исполнитель) обязуется"),
        (1.5, "стороны договорились"),
        (2, "hereinafter referred to as|in witness whereof|whereas"),
        (1.5, "this agreement is made|between [^\n]{3,80} and [^\n]{3,80}contractor"),
        (1, "obligations of the|payment terms"),
        (1, "signed for and on behalf"),
    ),
]
_ACTS: Final = [
    *_clues(
        "act",
        "title",
        (4.5, r"акт(?![а-я])"),
        (4, "(?:унифицированная )?форма (?:№ )?кс-(?:2|11|14)"),
        (4, "(?:[a-z]{1,20} ){0,2}certificate(?: of| no|$| )|certificate of (?:practical |substantial )?completion"),
    ),
    *_clues(
        "act",
        "body",
        (2, "состави(?:ли|л) настоящий акт|нижеподписавшиеся"),
        (1.5, "акт о приемке|освидетельствован|приема-передачи|приемки"),
        (1, r"(?:^|\n) ?(?:сдал|принял|передал)(?![а-я])"),
        (1, "комиссия в составе|считать принятым|предъявлен"),
        (1.5, "(?:handed over|delivered|accepted) by"),
        (1.5, "hereby certify|the undersigned|drawn up this certificate"),
        (1, "представитель (?:застройщика|заказчика|подрядчика)"),
        (1, "форма кс-|кс-2(?!\\d)"),
    ),
]
_REPORTS: Final = [
    *_clues(
        "report",
        "title",
        (4.5, r"(?:технический |научный |научно-технический )?отчет(?![а-я])"),
        (4, "(?:техническое |экспертное )?заключение"),
        (4, "протокол (?:испытани|измерени|обследован)"),
        (4.5, "(?:[a-z]{1,20} ){0,3}report(?![a-z])"),
    ),
    *_clues(
        "report",
        "body",
        (1.5, "(?:по )?результатам? (?:обследования|испытаний|изысканий|лабораторных)"),
        (1, r"вывод(?:ы)?(?![а-я])"),
        (0.7, "рекомендации"),
        (1, "цель (?:обследования|работы|исследования)|обследование выполнено|изыскания выполнены"),
        (1, "испытательная лаборатория|дата испытаний|отобраны пробы"),
        (1, "executive summary|findings|conclusions"),
        (1, "reporting period|this month|next month|prepared for"),
    ),
]
_SPECIFICATIONS: Final = [
    *_clues(
        "specification",
        "title",
        (4.5, "спецификация"),
        (4, "техническое задание|технические требования|задание на проектирование"),
        (4, r"(?:technical |project |particular )?specifications?(?![a-z])|section \d\d \d\d \d\d"),
    ),
    *_clues(
        "specification",
        "body",
        (1.5, "part \\d[ .-]{1,3}(?:general|products|execution)|(?:^|\n)(?:products|execution)\n"),
        (0.7, "submittals?|submit samples|manufacturer's instructions"),
        (0.7, "shall conform to|shall be"),
        (1, "спецификация оборудования|завод-изготовитель|тип, марка"),
        (0.7, "комплект поставки|гарантийные требования|требования к продукции"),
    ),
]
_LETTERS: Final = [
    *_clues(
        "letter",
        "title",
        (2.5, r"исх\.|исходящий"),
        (3, "письмо(?![а-я])"),
        (3.5, "уважаем(?:ый|ая|ые)"),
        (3.5, "dear "),
        (2, "(?:our|your) ref"),
        (2, "re:|subject:|тема:"),
        (1, "to:|from:|кому:|от кого:"),
    ),
    *_clues(
        "letter",
        "body",
        (2.5, "с уважением|yours (?:sincerely|faithfully)|kind regards|best regards"),
        (1.5, "в ответ на|сообщаем|сообщает следующее|рассмотрел обращение"),
        (1.5, "we refer to your|we regret to|please find"),
        (1, "исп\\. [а-я]"),
    ),
]
CLUES: Final = (
    *_NORMS,
    *_ESTIMATES,
    *_PROJECTS,
    *_DRAWINGS,
    *_CONTRACTS,
    *_ACTS,
    *_REPORTS,
    *_SPECIFICATIONS,
    *_LETTERS,
)
"""All of them."""
TYPES: Final = tuple(sorted({clue.type for clue in CLUES}))
"""All types of documents but `generic`."""
