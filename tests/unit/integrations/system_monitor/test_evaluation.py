"""A rule's life, looked at by a clock of the test's own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from integrations.system_monitor.evaluation import Evaluation, State
from integrations.system_monitor.measures import Missing, Reading
from integrations.system_monitor.rules import Rule

RULE = Rule("high", "process_cpu", 90.0, hold=60.0, clear=70.0, clear_hold=30.0, flap_window=1_000.0)
GONE = Missing("nobody knows")


def follow(rule: Rule, *looks: tuple[float, Reading]) -> tuple[Evaluation, list[State | None]]:
    """Take looks at times; return where the rule is, and what each look brought."""
    evaluation = Evaluation(rule)
    return evaluation, [evaluation.step(reading, now) for now, reading in looks]


def test_from_well_to_firing_and_back() -> None:
    """inactive, pending, firing, resolved, inactive."""
    evaluation = Evaluation(RULE)
    states = []
    for now, value in ((0, 10.0), (10, 95.0), (70, 95.0), (80, 60.0), (110, 60.0), (120, 60.0)):
        evaluation.step(value, now)
        states.append(str(evaluation.state))
    assert states == ["inactive", "pending", "firing", "firing", "resolved", "inactive"]
    assert evaluation.firings == 1


def test_it_fires_once_and_resolves_once() -> None:
    """Each is told at the look at which it comes about."""
    _, changes = follow(RULE, (0, 95.0), (59, 95.0), (60, 95.0), (61, 99.0), (70, 1.0), (100, 1.0), (101, 1.0))
    assert changes == [None, None, State.FIRING, None, None, State.RESOLVED, None]


def test_a_peak_is_no_alert() -> None:
    """One look below the threshold, and the time begins anew."""
    evaluation, changes = follow(RULE, (0, 95.0), (50, 90.0), (51, 95.0), (100, 95.0))
    assert changes == [None] * 4
    assert evaluation.state is State.PENDING


def test_without_a_time_it_fires_at_once() -> None:
    """`for: 0`."""
    assert follow(replace(RULE, hold=0.0), (5, 95.0))[1] == [State.FIRING]


def test_between_the_bounds_it_stays_what_it_is() -> None:
    """Neither resolved by 80, nor fired by it."""
    evaluation, changes = follow(RULE, (0, 95.0), (60, 95.0), (100, 80.0), (900, 80.0))
    assert (evaluation.state, changes[2:]) == (State.FIRING, [None, None])
    assert follow(RULE, (0, 80.0), (900, 80.0))[0].state is State.INACTIVE


def test_a_moment_of_peace_resolves_nothing() -> None:
    """It has to be well for the whole time, without a break."""
    looks = ((0, 95.0), (60, 95.0), (100, 60.0), (129, 75.0), (130, 60.0), (159, 60.0), (160, 60.0))
    assert follow(RULE, *looks)[1][2:] == [None, None, None, None, State.RESOLVED]


def test_without_data_it_is_never_silently_well() -> None:
    """It says so, and why. Time without data counts for nothing."""
    evaluation, _ = follow(RULE, (0, 10.0), (10, GONE))
    assert (evaluation.state, evaluation.value, evaluation.missing) == (State.NO_DATA, None, "nobody knows")
    evaluation, changes = follow(RULE, (0, 95.0), (30, GONE), (60, 95.0), (119, 95.0))
    assert (evaluation.state, evaluation.missing, changes) == (State.PENDING, "", [None] * 4)


def test_what_this_hub_does_not_have_is_not_applicable() -> None:
    """Which is no lack of data."""
    evaluation, _ = follow(RULE, (0, Missing("no database", applicable=False)))
    assert evaluation.state is State.NOT_APPLICABLE
    assert Evaluation(RULE).state is State.NO_DATA, "before the first look"


def test_what_fires_goes_on_firing_without_data() -> None:
    """Only data say that all is well; and the time for that begins anew."""
    looks = ((0, 95.0), (60, 95.0), (70, 60.0), (80, GONE), (500, GONE), (510, 60.0), (530, 60.0), (540, 60.0))
    evaluation, changes = follow(RULE, *looks)
    assert changes[2:] == [None] * 5 + [State.RESOLVED]
    assert evaluation.state is State.RESOLVED
    assert follow(RULE, *looks[:5])[0].state is State.FIRING


def test_flapping_is_damped() -> None:
    """Each further firing within the window doubles the time to resolve, up to 32 times; after it all is as before."""
    rule = replace(RULE, hold=0.0)
    evaluation, now = Evaluation(rule), 0.0
    waits = []
    for _ in range(8):
        evaluation.step(95.0, now)
        begin = now
        while evaluation.state is State.FIRING:
            evaluation.step(60.0, now)
            now += 1.0
        waits.append(now - 1.0 - begin)
    assert waits[:4] == [30.0, 60.0, 120.0, 240.0]
    assert max(waits) <= 32 * 30.0
    assert evaluation.patience(now + 5_000.0) == 30.0
    assert Evaluation(replace(rule, flap_window=0.0)).patience(0.0) == 30.0


READINGS = st.one_of(st.floats(0.0, 120.0), st.just(GONE), st.just(Missing("none", applicable=False)))
LOOKS = st.lists(st.tuples(st.floats(0.1, 50.0), READINGS), max_size=80)


@given(LOOKS)
def test_firing_and_resolving_take_turns(looks: list[tuple[float, Reading]]) -> None:
    """Whatever is measured: never two firings without a resolving between them, nor the other way round."""
    evaluation, now = Evaluation(RULE), 0.0
    told = []
    for pause, reading in looks:
        now += pause
        if change := evaluation.step(reading, now):
            told.append(change)
    expected = [State.FIRING, State.RESOLVED] * len(told)
    assert told == expected[: len(told)]


@given(LOOKS)
def test_times_and_bounds_are_kept(looks: list[tuple[float, Reading]]) -> None:
    """Whatever is measured: what fires was above for the whole time, what resolves was well for the whole time."""
    evaluation, now = Evaluation(RULE), 0.0
    above = well = None
    for pause, reading in looks:
        now += pause
        is_above = not isinstance(reading, Missing) and reading > 90.0
        is_well = not isinstance(reading, Missing) and reading <= 70.0
        above = (now if above is None else above) if is_above else None
        well = (now if well is None else well) if is_well else None
        change = evaluation.step(reading, now)
        if change is State.FIRING:
            assert above is not None
            assert now - above >= RULE.hold
        if change is State.RESOLVED:
            assert well is not None
            assert now - well >= RULE.clear_hold
