"""The metrics of all processes as one text."""

from __future__ import annotations

from hub.exposition import FRESH, Exposition, label, merge
from hub.peers import Peers
from hub.reports import Reports
from hub.tasks import Tasks
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock

TEXT = """\
# HELP a_total Some {words} of text.
# TYPE a_total counter
a_total 1.0
# HELP b Without samples.
# TYPE b gauge
# HELP c With labels.
# TYPE c gauge
c{route="/x {y} z",code="1"} 2.0
c{route="",code="2"} 3.0
"""


def test_every_sample_gets_the_label() -> None:
    """Whatever labels it has; comments stay."""
    assert label(TEXT, "n-1") == TEXT.replace("a_total 1", 'a_total{node="n-1"} 1').replace("c{", 'c{node="n-1",')


def test_each_family_is_there_once_with_the_samples_of_all() -> None:
    """Also one that has none, and one that only one process has."""
    other = '# HELP d Only here.\n# TYPE d gauge\nd{node="y"} 4.0\n'
    merged = merge([label(TEXT, "x"), label(TEXT, "y") + other], {})
    assert merged == (
        "# HELP a_total Some {words} of text.\n# TYPE a_total counter\n"
        'a_total{node="x"} 1.0\na_total{node="y"} 1.0\n'
        "# HELP b Without samples.\n# TYPE b gauge\n"
        "# HELP c With labels.\n# TYPE c gauge\n"
        'c{node="x",route="/x {y} z",code="1"} 2.0\nc{node="x",route="",code="2"} 3.0\n'
        'c{node="y",route="/x {y} z",code="1"} 2.0\nc{node="y",route="",code="2"} 3.0\n' + other
    )


def test_a_total_takes_the_place_of_samples() -> None:
    """For what is about all processes together."""
    assert merge([label("# HELP b B.\n# TYPE b gauge\nb 1.0\n", "x")] * 2, {"b": 2}).endswith("gauge\nb 2\n")


async def test_who_asks_often_gets_the_same_text() -> None:
    """Writing it costs every process something."""
    clock = ManualClock()
    junction = Junction(clock)
    written = {"a": 0, "b": 0}
    expositions = []
    for name in "ab":
        nodes = JoinedNodes(junction, name)

        def expose(name: str = name) -> bytes:
            written[name] += 1
            return b"# HELP x X.\n# TYPE x gauge\nx 1\n"

        expositions.append(Exposition(expose, Peers(nodes, Reports(nodes, clock), Tasks()), clock))
    first = await expositions[0].of_hub()
    assert first == b'# HELP x X.\n# TYPE x gauge\nx{node="a"} 1\nx{node="b"} 1\n'
    assert await expositions[0].of_hub() == first
    assert written == {"a": 1, "b": 1}
    clock.advance(FRESH)
    await expositions[0].of_hub()
    assert written == {"a": 2, "b": 2}
