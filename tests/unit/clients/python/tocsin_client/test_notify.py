"""The functions that a service calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tocsin_client.notify as module
from tests.unit.clients.python.doubles import HttpDouble, placed
from tocsin_client.limits import Limits
from tocsin_client.notifier import Stats


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has just begun."""
    process = module._Process()
    monkeypatch.setattr(module, "_process", process)
    yield
    if process.notifier is not None:
        process.notifier.close(0.01)


@pytest.fixture
def double() -> Iterator[HttpDouble]:
    with HttpDouble(lambda _, body: placed(body)) as double:
        yield double


def test_the_environment_names_the_hub(double: HttpDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read when the first notification comes."""
    monkeypatch.setenv("TOCSIN_URL", double.url)
    assert module.notify_channel("c", "t", 1, key="k")
    assert module.notify_user("alice", "t", 2)
    assert module.flush(10)
    items = [item for _, _, body in double.requests for item in body["publications"]]
    assert [(item["channel"], item.get("key"), item["data"]) for item in items] == [
        ("c", "k", 1),
        ("user:alice", None, 2),
    ]
    assert module.stats().published == 2


async def test_without_a_hub_nothing_happens() -> None:
    """The answer is no, and may be awaited."""
    assert not await module.notify_channel("c", "t", object())
    assert module.flush(0)
    assert module.stats() == Stats()
    assert module.target() is None


def test_an_address_that_is_none_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A service doesn't fall for its notifications; who configures by hand learns of it at once."""
    monkeypatch.setenv("TOCSIN_URL", "nonsense")
    assert not module.notify_channel("c", "t", 1)
    assert not module.notify_channel("c", "t", 1)
    assert len(caplog.records) == 1
    with pytest.raises(ValueError, match="url"):
        module.configure("nonsense")


def test_another_hub(double: HttpDouble) -> None:
    """What waits for the one before is still sent there."""
    with HttpDouble(lambda _, body: placed(body)) as other:
        module.configure(double.url)
        module.notify_channel("c", "t", 1)
        before = module._process.notifier
        module.configure(other.url, limits=Limits(exit_timeout=5))
        module.notify_channel("c", "t", 2)
        assert module.flush(10)
        assert before is not None
        before.close(10)
        assert [len(one.requests) for one in (double, other)] == [1, 1]
        module.configure(None)
        assert not module.notify_channel("c", "t", 3)


def test_the_exit_sends(double: HttpDouble) -> None:
    """What `atexit` calls."""
    module.configure(double.url)
    module.notify_channel("c", "t", 1)
    module._close()
    assert len(double.requests) == 1
