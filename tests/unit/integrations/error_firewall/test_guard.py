"""Guards around operations."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.error_firewall.guard import Blocked, binder
from integrations.error_firewall.model import Decision, Evidence, Record
from integrations.error_firewall.overriding import Override
from tests.firewall_kit import BAD, GOOD, SOLUTION, Heard, blocking, condition, firewall_with


class DeviceNotFound(Exception):
    pass


async def test_what_is_blocked_does_not_run() -> None:
    """Functions and coroutine functions; the error says what, why, what instead and how to run it anyway."""
    firewall = await blocking()
    ran: list[str] = []

    @firewall.guard("ios_build")
    def build(device: str, os: str = "17.0") -> str:
        ran.append(device)
        return f"{device} {os}"

    @firewall.guard("ios_build")
    async def build_later(device: str, os: str = "17.0") -> str:
        return build(device, os)

    with pytest.raises(Blocked) as caught:
        build("iPhone 15")
    with pytest.raises(Blocked):
        await build_later(device="iPhone 15")
    assert ran == []
    for words in ("ios_build was not run.", "DeviceNotFound", "Instead: iPhone 15 Pro, 17.2.", "override=Override"):
        assert words in str(caught.value)
    assert build("iPhone 15 Pro", "17.2") == await build_later("iPhone 15 Pro", os="17.2") == "iPhone 15 Pro 17.2"
    assert inspect.iscoroutinefunction(build_later)
    assert build.__name__ == "build"
    assert pickle.loads(pickle.dumps(caught.value)).verdict == caught.value.verdict  # noqa: S301 - our own


async def test_a_failure_is_recorded_and_goes_on_unchanged() -> None:
    """The very same exception, with its traceback; the next call is warned about."""
    firewall = firewall_with()
    error = DeviceNotFound("no such device")

    @firewall.guard("ios_build")
    def build(device: str) -> None:
        raise error

    @firewall.guard("ios_test")
    async def test(device: str) -> None:
        raise error

    with pytest.raises(DeviceNotFound) as caught:
        build("iPhone 15")
    assert caught.value is error
    assert error.__context__ is None
    assert "build" in [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    with pytest.raises(DeviceNotFound):
        await test("iPhone 15")
    records = [entry for entry in firewall.index.entries() if isinstance(entry, Record)]
    assert [(record.operation, record.params) for record in records] == [
        ("ios_build", {"device": "iPhone 15"}),
        ("ios_test", {"device": "iPhone 15"}),
    ]
    assert records[0].frames[0] == "test_guard.py:build"
    assert firewall.check("ios_build", {"device": "iPhone 15"}).decision is Decision.WARN


async def test_what_comes_of_a_call_is_an_outcome() -> None:
    """Failing again speaks for the record, success against it; success of its solution for it."""
    firewall = firewall_with()
    broken = True

    @firewall.guard("ios_build")
    def build(device: str, os: str) -> None:
        if broken:
            raise DeviceNotFound

    def evidence() -> Evidence:
        return firewall.index.entries()[0].evidence

    for _ in range(2):
        with pytest.raises(DeviceNotFound):
            build(**BAD)
    assert evidence() == Evidence(repeated=1)
    broken = False
    build(**BAD)
    assert evidence() == Evidence(repeated=1, false_blocks=1)
    await firewall.suggest(firewall.index.entries()[0].id, by="alice", solution=SOLUTION)
    build(**GOOD)
    assert evidence() == Evidence(repeated=1, false_blocks=1, worked=1)
    broken = True
    with pytest.raises(DeviceNotFound):
        build(**GOOD)
    first = next(entry for entry in firewall.index.entries() if isinstance(entry, Record) and entry.params == BAD)
    assert first.evidence.did_not == 1


async def test_blocks_of_code_are_guarded() -> None:
    """With `with` and with `async with`; the verdict is at hand, and an override is possible."""
    heard = Heard()
    firewall = await blocking(heard, may_override=lambda actor, operation: actor == "alice")
    with firewall.guarded("ios_build", GOOD) as verdict:
        assert verdict.decision is Decision.ALLOW
    async with firewall.guarded("ios_build", GOOD) as verdict:
        assert verdict.decision is Decision.ALLOW
    for override in (None, Override("no", "mallory"), Override(" ", "alice")):
        with pytest.raises(Blocked), firewall.guarded("ios_build", BAD, override=override):
            raise AssertionError("ran")
        with pytest.raises(Blocked):
            async with firewall.guarded("ios_build", BAD, override=override):
                raise AssertionError("ran")
    with firewall.guarded("ios_build", BAD, override=Override("installed meanwhile", "alice")) as verdict:
        assert verdict.overridden
    assert firewall.index.entries()[0].evidence == Evidence(overridden=1, false_blocks=1, worked=2)
    assert firewall.statistics.false_blocks == 1
    with pytest.raises(ZeroDivisionError):
        async with firewall.guarded("ios_build", {"device": "new"}):
            _ = 1 / 0
    assert len(firewall.index) == 2


async def test_a_rule_that_only_warns_is_not_wrong_when_all_went_well() -> None:
    """It said "look out", and they did."""
    firewall = firewall_with()
    rule = await firewall.propose("deploy", [condition("stage", "production")], by="a", action=Decision.WARN)
    await firewall.confirm(rule.id, by="a")
    for _ in range(5):
        with firewall.guarded("deploy", {"stage": "production", "app": "shop"}) as verdict:
            assert verdict.decision is Decision.WARN
    assert firewall.index.entries()[0].evidence == Evidence()


async def test_cancelling_is_no_error() -> None:
    """Nor is leaving, nor an inner guard's block."""
    firewall = await blocking()
    for leave in (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit):
        with pytest.raises(leave), firewall.guarded("outer", {"a": "b"}):
            raise leave
    with pytest.raises(Blocked), firewall.guarded("outer", {"a": "b"}), firewall.guarded("ios_build", BAD):
        raise AssertionError("ran")
    assert len(firewall.index) == 1


class Builder:
    def __init__(self) -> None:
        self.secret = "s"

    def build(self, device: str, *extra: str, os: str = "17.0", **more: str) -> None:
        """Build."""


def test_parameters_are_the_named_arguments() -> None:
    """With defaults, without `self`; selected if asked for."""
    bind = binder(Builder.build, None)
    assert bind((Builder(), "iPad", "x"), {"scheme": "App"}) == {
        "device": "iPad", "extra": ("x",), "os": "17.0", "scheme": "App",
    }  # fmt: skip
    assert binder(Builder.build, ["device", "scheme"])((Builder(), "iPad"), {"scheme": "App"}) == {
        "device": "iPad",
        "scheme": "App",
    }
    with pytest.raises(TypeError, match=r"expected parameters of .*; came colour"):
        binder(lambda device: device, ["colour"])


CALLS = [
    ((), {}),
    ((1,), {}),
    ((1, 2), {}),
    ((1, 2, 3), {}),
    ((1, 2, 3, 4), {}),
    ((), {"a": 1}),
    ((), {"a": 1, "b": 2}),
    ((), {"b": 2, "c": 3}),
    ((1,), {"b": 2}),
    ((1,), {"c": 2}),
    ((1,), {"a": 2, "b": 3}),
    ((1, 2), {"c": 3}),
    ((1, 2), {"b": 3}),
    ((1, 2), {"d": 3}),
    ((1, 2, 3), {"c": 3}),
]


@pytest.mark.parametrize(("args", "kwargs"), CALLS)
def test_the_quick_way_names_what_the_language_would(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Arguments, defaults, and calls that can't be made."""

    def plain(a: int, b: int, c: int = 9) -> None:
        """Three parameters."""

    signature = inspect.signature(plain)
    try:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        expected = dict(bound.arguments)
    except TypeError:
        expected = None
    assert binder(plain, None)(args, kwargs) == expected


def test_a_wrong_call_fails_as_it_would_without_a_guard() -> None:
    """With the function's own TypeError."""
    firewall = firewall_with()

    @firewall.guard("x")
    def one(a: int) -> int:
        return a

    with pytest.raises(TypeError, match="unexpected keyword argument 'b'"):
        one(b=1)  # type: ignore[call-arg]


def test_a_generator_is_no_operation() -> None:
    """It would be checked when nothing has run yet, and its failure would be missed."""

    def numbers() -> Iterator[int]:
        yield 1

    with pytest.raises(TypeError, match="a generator runs after its call has returned"):
        firewall_with().guard("x")(numbers)
