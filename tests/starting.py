"""Which tests start an application: the test, one of its fixtures or what these call calls
`run_test`, or drives the command in a terminal. It is read from the compiled code: to parse every
file of the tests would take each worker seconds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType
from typing import Any

STARTS = frozenset({"run_test", "spawn", "pexpect", "PtyProcess"})
"""Names that only what starts an application or the command uses."""


def starts_application(defined: Any) -> bool:
    """Whether a function or class of the tests starts an application, itself or through others of
    the tests. What is not the tests' own does not."""
    seen = {id(defined)}
    waiting = [defined]
    while waiting:
        starts, others = _used_by(waiting.pop())
        if starts:
            return True
        waiting += [each for each in others if id(each) not in seen]
        seen |= {id(each) for each in others}
    return False


@cache
def _used_by(defined: Any) -> tuple[bool, list[Any]]:
    """(whether it starts one itself, the functions and classes of the tests that it names)."""
    starts = False
    others: list[Any] = []
    for function in _functions_of(defined):
        names = set(_names(function.__code__))
        starts = starts or bool(names & STARTS)
        found = [function.__globals__[name] for name in names if name in function.__globals__]
        others += [each for each in found if _is_of_the_tests(each)]
    return starts, others


def _is_of_the_tests(found: Any) -> bool:
    is_defined = inspect.isclass(found) or callable(found)
    return is_defined and str(getattr(found, "__module__", "")).startswith("tests.")


def _functions_of(defined: Any) -> Iterator[Callable[..., Any]]:
    if inspect.isclass(defined):
        for kind in defined.__mro__:
            if _is_of_the_tests(kind):
                for member in vars(kind).values():
                    yield from _functions_of(getattr(member, "fget", member))
        return
    function = inspect.unwrap(getattr(defined, "__func__", defined))
    if inspect.isfunction(function):
        yield function


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
