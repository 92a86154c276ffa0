"""Words of a text in any script, and how well a text fits a question by them. No model, no dictionary."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN: Final = re.compile(rf"[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+")
_IDEOGRAPHIC: Final = re.compile(f"[{_CJK}]")

_ENGLISH: Final = """
a about all also am an and any are as at be been but by can could did do does doing for from had has have he her
hers him his how i if in into is it its just know me mine my no not of on one or our ours please remember say she
should so some tell than that the their them then there these they this those to told us was we were what whats when
where which who whom whose why will with would you your yours
"""
_RUSSIAN: Final = """
а без будет будут бы был была были было быть в вам вас ваш ведь во вот все всё вы где да для до его ее если есть еще
ещё её же за запомни зачем и из или им их к как какая какие какое какой кем когда кого ком кому которая которое
которой которые который кто куда ли меня мне мной мною мое моего моей мои моих мой мою моя моё мы на над нами
напомни нас наш не него нее ней нему нет неё ним ними них но ну о об он она они оно от откуда по под пожалуйста пока
помни помнишь почему при про пусть раз расскажи с сам свой себя скажи сказал сколько со та так такой там те тебе
тебя тех то тобой того тоже только тот ты у уже чего чей чем что чтобы чьи чья чьё эта эти этих это этого этой этом
этот эту я
"""
_FUNCTIONAL: Final = frozenset(_ENGLISH.split()) | {word.replace("ё", "е") for word in _RUSSIAN.split()}
_FUNCTIONAL_SIGNS: Final = frozenset(
    "的了是在我你您他她它们吗呢吧啊呀什么怎哪谁和与或有不这那几多少请就也都还把被给对为何时候个"
)
_SHARED: Final = 3
_MOST_ALIKE: Final = 4


def words(text: str) -> set[str]:
    """Return the words of a text that say what it is about: in lower case, of letters and digits.

    Function words of English and Russian are left out. Chinese and Japanese are written without spaces: there, each two
    neighbouring signs make a word (as in K. L. Kwok, "Comparing Representations in Chinese Information Retrieval",
    SIGIR 1997), but those of nothing but Chinese function signs.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    found: set[str] = set()
    for run in _RUN.findall(plain):
        if _IDEOGRAPHIC.match(run):
            found.update(pair for pair in _pairs(run) if not _FUNCTIONAL_SIGNS.issuperset(pair))
        elif run not in _FUNCTIONAL:
            found.add(run)
    return found


class Asked:
    """The words of a question, to be compared with texts.

    Two words are forms of one when they begin alike: with three characters at least, and with three fifths of the
    longer one. That takes most endings of English, Russian and other European languages for what they are, and now and
    then a wrong word (`car`, `carry`): for ranking pieces that a search has found already that is good enough.
    """

    def __init__(self, question: str) -> None:
        self._words = words(question)
        self._alike: dict[str, list[str]] = {}
        for word in sorted(self._words):
            if len(word) >= _SHARED and not word[0].isdigit():
                alike = self._alike.setdefault(word[:_SHARED], [])
                # Bounds the work: who asks with more words that begin alike hardly means all of them.
                alike += [word] * (len(alike) < _MOST_ALIKE)

    def fit(self, text: str) -> float:
        """Say how many of the words a text has; of one that it has in another form, a part counts."""
        best: dict[str, float] = {}
        for word in words(text):
            if word in self._words:
                best[word] = 1.0
            for other in self._alike.get(word[:_SHARED], ()):
                best[other] = max(best.get(other, 0.0), _alike(word, other))
        return sum(sorted(best.values()))


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _alike(one: str, other: str) -> float:
    shared = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), None)
    shorter, longer = sorted((len(one), len(other)))
    shared = shorter if shared is None else shared
    return 0.9 * shared / longer if 5 * shared >= 3 * longer else 0.0
