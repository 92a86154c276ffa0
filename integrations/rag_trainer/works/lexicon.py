"""The words by which works are known, in Russian and English. A word list is a choice: see the labelled "
"set in the tests.

Words are compared by their stems (`terms`), so one form of each is enough.
"""

from __future__ import annotations

from typing import Final

from integrations.rag_trainer.terms import terms

# What is done on a site and hardly means anything else; it may stand alone.
_STRONG: Final = """
авторский надзор; антикоррозионная защита; армирование; асфальтирование; асфальтобетонирование; балластировка;
бетонирование; благоустройство; бурение; водоотлив; водопонижение; вырубка; выверка; герметизация; гидроизоляция;
гидроизолирование; грунтование; грунтовка; демонтаж; добетонирование; забивка; заглубление; замоноличивание; засыпка;
зачистка; земляные; инъецирование; кладка; корчевка; монтаж; нагнетание; наладка; облицовка; обмуровка; огнезащита;
огрунтовка; озеленение; окраска; омоноличивание; опрессовка; остекление; отделка; отсыпка; оштукатуривание;
пароизоляция;
погружение; покраска; прессовка; пусконаладка; распалубка; распалубливание; расчистка; рекультивация;
рихтовка; рыхление;
рытье; сварка; снос; срезка; стыковка; теплоизоляция; торкретирование; трамбование; уплотнение; утепление; футеровка;
цементация; цементирование; шлифовка; шпаклевка; шпатлевание; штукатурка; экскавация; электромонтаж; асбестоудаление
"""
# What is a work only with an object: разработка грунта, but no разработка документации.
_WEAK: Final = """
бурение; возведение; вывоз; выемка; вязка; заделка; изготовление; извлечение; испытание; крепление; набивка; нанесение;
натяжение; обработка; обследование; ограждение; осушение; откачка; очистка; перевозка; перекладка; планировка; подача;
подготовка; подъем; покрытие; посадка; посев; приготовление; приемка; прогрев; прокладка; промывка; разбивка; разборка;
разгрузка; разметка; разработка; распиловка; реконструкция; ремонт; рубка; сборка; складирование; соединение;
транспортирование; удаление; укладка; укрепление; усиление; установка; устройство; уход; замена; закладка; настилка;
пробивка; сверление; резка; погрузка; строительство; сооружение; контроль; съемка; проверка; промывка;
закрытие; вскрытие
"""
# Kinds of "работы".
_WORKS: Final = """
земляные; бетонные; железобетонные; монтажные; отделочные; кровельные; свайные; арматурные; опалубочные; каменные;
сварочные; изоляционные; гидроизоляционные; теплоизоляционные; пусконаладочные; геодезические; подготовительные;
малярные; штукатурные; электромонтажные; дорожные; буровые; взрывные; облицовочные; стекольные; плиточные; плотничные;
погрузочно-разгрузочные; санитарно-технические; сантехнические; вскрышные; бетонно-монолитные; монолитные; фасадные;
ландшафтные; антикоррозионные; такелажные; демонтажные; планировочные; буровзрывные; пусковые; верхолазные;
геодезическо-разбивочные; разбивочные; шпунтовые; водолазные; дноуглубительные; укрепительные; ремонтные
"""
_VERBS: Final = """
разработать; уложить; смонтировать; установить; забетонировать; засыпать; уплотнить; демонтировать; разобрать; окрасить;
оштукатурить; очистить; сварить; испытать; пробурить; забить; выкопать; устроить; заармировать; снять;
срезать; прогреть;
промыть; вывезти; спланировать; выровнять; загрунтовать; прошпаклевать; выверить; закрепить; заделать; собрать; нанести;
утеплить; проложить; подготовить; разметить; связать; залить
"""
_ENGLISH_STRONG: Final = """
backfilling; backfill; bricklaying; commissioning; compaction; concreting; curing; demolition; dewatering; earthworks;
earthwork; excavation; excavating; formworking; glazing; grouting; grubbing; masonry; painting; paving;
piling; plastering;
plasterwork; brickwork; pouring; roofing; shotcreting; shoring; tiling; topsoil stripping; trenching; underpinning;
waterproofing; welding; scaffolding erection; ductwork; pipework; pipelaying; hydrotesting; levelling;
leveling; grading;
sandblasting; screeding; rendering; landscaping; groundworks; steelwork; reinstatement; damp-proofing; fireproofing
"""
_ENGLISH_WEAK: Final = """
assembly; bending; casting; cleaning; clearance; clearing; construction; cutting; delivery; digging;
dismantling; drilling;
driving; erection; fabrication; fixing; hoisting; inspection; installation; installing; insulation; laying; lifting;
placement; placing; preparation; priming; removal; repair; replacement; setting; spreading; striking; stripping; survey;
surveying; testing; tying; tensioning; unloading; anchoring; coating; connection; erecting; handover; fitting; building;
marking; leak-testing; flushing; rigging; wiring; planting; seeding
"""
_ENGLISH_VERBS: Final = """
excavate; install; pour; place; erect; lay; weld; test; paint; backfill; compact; demolish; dig; cast; fix;
assemble; clear;
survey; remove; strip; cure; commission; dismantle; waterproof; insulate; plaster; drive; drill; grout; level; inspect;
clean; tie; prime; grade; spread; trim; anchor; hoist
"""
# With these, a weak noun is no work: установка требований, preparation of documents.
_ABSTRACT: Final = """
документ; документация; стандарт; правило; требование; норма; программа; порядок; смета; отчет; план;
мероприятие; решение;
предложение; специалист; персонал; кадры; рабочий; срок; цель; задача; система; проект; методика; технология;
инструкция;
журнал; акт; договор; заявка; информация; данные; сведения; исполнение; график; соответствие; заказчик; подрядчик;
производство; организация; работа; качество; ответственность; причина; предел; значение; право; бюджет; тендер; финансы
document; documentation; report; plan; standard; requirement; programme; program; procedure; schedule; budget; contract;
invoice; payment; staff; personnel; data; proposal; tender; estimate; specification; drawing; software; management;
price; goods; letter; deadline; policy; system; industry; company
"""
# A work's noun after one of these says what that is of: акт приемки, сроки монтажа.
_ATTRIBUTED: Final = """
акт; журнал; правило; требование; срок; график; схема; способ; метод; технология; стоимость; объем; качество; условие;
порядок; паспорт; протокол; результат; инструкция; машина; оборудование; средство; время; период; зона;
место; температура;
скорость; дата; ведомость; проект; норма; вид; руководитель; организация; область; мастер; цена; нормирование; бригада;
возможность; необходимость; опыт; специалист; договор; отчет; план; удостоверение; квалификация;
трудоемкость; показатель
"""
# A work's noun before one of these says what kind that is: welding machine.
_ENGLISH_ATTRIBUTES: Final = """
equipment; manual; instruction; drawing; machine; certificate; report; permit; depth; contractor; procedure;
plan; method;
record; log; company; crew; team; standard; tool; engineer; cost; date; schedule; price; supervisor; requirement;
material; contract; plant; code; manager; foreman; specification; time; period; rate; limit; temperature;
license; agency
"""
# Words that say nothing about which work it is.
_EMPTY: Final = """
и или а также на в во с со по из под для за к ко о об при от у до без над между не работа работы выполнение производство
the a an of for to in on at by with from and or its their all any works work carrying out
"""


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem for word in words.replace("\n", ";").split(";") for stem in terms(word)[-1:])


STRONG: Final = _stems(_STRONG) - _stems("земляные")
WEAK: Final = _stems(_WEAK) - STRONG
ENGLISH_STRONG: Final = _stems(_ENGLISH_STRONG)
ENGLISH_WEAK: Final = _stems(_ENGLISH_WEAK) - ENGLISH_STRONG
HEADS: Final = STRONG | WEAK | ENGLISH_STRONG | ENGLISH_WEAK
KINDS_OF_WORKS: Final = _stems(_WORKS)
IMPERATIVES: Final = frozenset(word.strip() for word in f"{_VERBS};{_ENGLISH_VERBS}".split(";") if word.strip())
ABSTRACT: Final = _stems(_ABSTRACT.replace("\n", ";"))
ATTRIBUTED: Final = _stems(_ATTRIBUTED)
ENGLISH_ATTRIBUTES: Final = _stems(_ENGLISH_ATTRIBUTES)
EMPTY: Final = frozenset(_EMPTY.split()) | _stems("работа;выполнение;производство;works")

LEMMAS: Final = {
    terms(word.split()[-1])[-1]: word
    for words in (_STRONG, _WEAK)
    for word in (part.strip() for part in words.replace("\n", " ").split(";"))
    if word and " " not in word
}
"""First forms of Russian nouns by their stems: a work that the text names in another case gets its first form."""

_TITLE_WORDS: Final = (
    "продолжительностью продолжительность длительностью длительность сроком "
    "после до перед при без если когда чтобы который что как следует должен должна должно должны "
    "необходимо можно нельзя "
    "after before prior until once when while if unless shall should must may which that is are be will can"
)
FOR_TITLES: Final = frozenset(_TITLE_WORDS.split())
"""Words that end a work's name even in a title or an item of a list."""

_STOP_WORDS: Final = (
    "в во на по с со от к ко у о об через согласно или а но не то же также только лишь затем далее где "
    "он она оно они это "
    "допускается разрешается запрещается является быть был была были было выполнен выполнена выполнено "
    "выполнены завершен "
    "завершена завершено завершены закончен закончена закончено закончены принят принята приняты "
    "произведен произведена "
    "начала начало окончания завершения выполнения менее более ранее позднее "
    "the a an and or not no only then by in on at with from to as it they this these those for has have "
    "had been being was "
    "were do does did complete completed completion start starts started begin begins commence commences "
    "finished finish "
    "carried performed done out following during within into onto under over through against between "
    "than more less also "
    "each every all any some such so but both either takes follows lasts precedes requires includes"
)
STOPS: Final = FOR_TITLES | frozenset(_STOP_WORDS.split())
"""Words that end a work's name in a sentence."""
_KEPT_WORDS: Final = "из под для за между"
KEPT: Final = frozenset(_KEPT_WORDS.split())
"""Prepositions that stay inside a name in a sentence: уход за бетоном, устройство подготовки под фундаменты."""
_OTHER_WORDS: Final = (
    "каждой каждый каждого данной данный данного такой такая следующей следующий следующие последующих "
    "последующий предыдущих "
    "любой любого другой другие других общий общие общего полного полной настоящий настоящего указанных "
    "указанной всего его "
    "этой этого этих какой какие которой которого которых новой одной самой своей соответствующих "
    "необходимых должной"
)
NO_ADJECTIVES: Final = frozenset(_OTHER_WORDS.split())
