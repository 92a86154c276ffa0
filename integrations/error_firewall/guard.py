"""Guards around operations: checked before they run, their errors recorded, their outcomes learned."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast

from integrations.error_firewall.call import Call
from integrations.error_firewall.judging import Judge, Params
from integrations.error_firewall.model import Decision, Verdict
from integrations.error_firewall.overriding import Override

F = TypeVar("F", bound=Callable[..., Any])


class Blocked(Exception):
    """An operation was stopped before it ran. Its text says what, why, what to do instead and how to run it anyway.

    Attributes:
        verdict: what the firewall said.
    """

    def __init__(self, verdict: Verdict) -> None:
        solution = f" Instead: {verdict.solution.text}." if verdict.solution else ""
        super().__init__(
            f"{verdict.operation} was not run. {verdict.why}{solution} To run it anyway, give a reason and your name: "
            "override=Override(reason, actor)."
        )
        self.verdict = verdict

    def __reduce__(self) -> tuple[type[Blocked], tuple[Verdict]]:
        """Pickle: errors cross process pools."""
        return Blocked, (self.verdict,)


class Guard:
    """Guards of one firewall."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    @contextmanager
    def guarded(self, operation: str, params: Params, override: Override | None) -> Iterator[Verdict]:
        """Run the block only if the firewall doesn't block it."""
        verdict, call = self._judge.judge(operation, params, override=override)
        if verdict.decision is Decision.BLOCK:
            raise Blocked(verdict)
        try:
            yield verdict
        except BaseException as error:
            self._failed(operation, params, verdict, call, error)
            raise
        self._judge.finished(operation, params, verdict, call, None)

    @asynccontextmanager
    async def guarded_async(self, operation: str, params: Params, override: Override | None) -> AsyncIterator[Verdict]:
        """Run the block only if the firewall doesn't block it."""
        verdict, call = await self._judge.judge_async(operation, params, override=override)
        if verdict.decision is Decision.BLOCK:
            raise Blocked(verdict)
        try:
            yield verdict
        except BaseException as error:
            self._failed(operation, params, verdict, call, error)
            raise
        self._judge.finished(operation, params, verdict, call, None)

    def _failed(
        self, operation: str, params: Params, verdict: Verdict, call: Call | None, error: BaseException
    ) -> None:
        """Record what is a failure of this operation: not its cancellation, nor an inner guard's block."""
        if isinstance(error, Exception) and not isinstance(error, Blocked):
            self._judge.finished(operation, params, verdict, call, error)

    def decorate(self, operation: str, select: Iterable[str] | None, function: F) -> F:
        """Guard each call of a function, synchronous or not."""
        bind = binder(function, select)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def guarded_coroutine(*args: Any, **kwargs: Any) -> Any:
                async with self.guarded_async(operation, bind(args, kwargs), None):
                    return await function(*args, **kwargs)

            return cast("F", guarded_coroutine)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("expected a function or coroutine function; a generator runs after its call has returned")

        @functools.wraps(function)
        def guarded_function(*args: Any, **kwargs: Any) -> Any:
            with self.guarded(operation, bind(args, kwargs), None):
                return function(*args, **kwargs)

        return cast("F", guarded_function)


class Guarded:
    """One guarded block, for `with` and for `async with`. Yields the verdict."""

    def __init__(self, guard: Guard, operation: str, params: Params, override: Override | None) -> None:
        self._guard = guard
        self._arguments = (operation, params, override)
        self._sync: Any = None
        self._async: Any = None

    def __enter__(self) -> Verdict:
        self._sync = self._guard.guarded(*self._arguments)
        return cast("Verdict", self._sync.__enter__())

    def __exit__(self, *error: Any) -> bool | None:
        return cast("bool | None", self._sync.__exit__(*error))

    async def __aenter__(self) -> Verdict:
        self._async = self._guard.guarded_async(*self._arguments)
        return cast("Verdict", await self._async.__aenter__())

    async def __aexit__(self, *error: Any) -> bool | None:
        return cast("bool | None", await self._async.__aexit__(*error))


def binder(
    function: Callable[..., Any], select: Iterable[str] | None
) -> Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any] | None]:
    """Make a function that names the arguments of a call: with defaults, without `self` and `cls`.

    Args:
        select: names that count; `None`: all. What is collected by `**kwargs` counts under its own names.

    Raises:
        TypeError: the function has no such parameter.
    """
    signature = inspect.signature(function)
    collected = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), None)
    chosen = None if select is None else frozenset(select)
    unknown = (chosen or frozenset()) - set(signature.parameters)
    if unknown and collected is None:
        raise TypeError(f"expected parameters of {function.__qualname__}; came {', '.join(sorted(unknown))}")

    plain = [p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    is_plain = len(plain) == len(signature.parameters)
    defaults = {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}

    def name_plainly(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """Do what `Signature.bind` does, in a fraction of its time, for a function without stars and slashes."""
        named = {**defaults, **kwargs, **dict(zip(plain, args, strict=False))}
        given = len(args) + len(kwargs)
        fits = len(named) == len(plain) and len(args) <= len(plain) and kwargs.keys() <= set(plain[len(args) :])
        return named if fits and given >= len(plain) - len(defaults) else None

    def name_all(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return None  # the call itself will say what is wrong
        bound.apply_defaults()
        named = dict(bound.arguments)
        if collected is not None:
            named |= named.pop(collected)
        return named

    name = name_plainly if is_plain else name_all

    def bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        named = name(args, kwargs)
        if named is None:
            return None
        if chosen is not None:
            return {name: value for name, value in named.items() if name in chosen}
        named.pop("self", None)
        named.pop("cls", None)
        return named

    return bind
