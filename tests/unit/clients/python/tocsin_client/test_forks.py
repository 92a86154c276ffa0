"""Forked processes begin anew."""

from __future__ import annotations

import gc
import os
import warnings
import weakref

from tocsin_client.forks import survive


class _Forgetful:
    def __init__(self) -> None:
        self.forgot = 0

    def forget_parent(self) -> None:
        self.forgot += 1


def test_a_child_forgets_and_the_parent_does_not() -> None:
    """Seen by the child's exit code."""
    thing = _Forgetful()
    survive(thing)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, from Python 3.12 on
        child = os.fork()
    if not child:
        os._exit(thing.forgot)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert thing.forgot == 0


def test_nothing_is_kept_alive() -> None:
    """Who is gone has nothing to forget."""
    thing = _Forgetful()
    survive(thing)
    gone = weakref.ref(thing)
    del thing
    gc.collect()
    assert gone() is None
