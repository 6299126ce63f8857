"""Regular expressions that a person types, checked for the time that they may take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from tui.services.errors import ErrorKind, ServiceError

MOST_LONG_REPEATS = 4
"""Repeats without a small limit in one expression: each may multiply the time by the length."""

_LONG = 100
"""Repeats of at most so many are short."""

MOST_CHOICES = 20
"""Places where the engine may go on in two ways, `?` and the like."""

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def compiled(text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """The expression, compiled. Raises ServiceError (INVALID) if it is none, or if it may take for
    ever: Python cannot interrupt a match, and nothing else would run meanwhile.
    """
    try:
        pattern = re.compile(text, re.IGNORECASE if ignore_case else 0)
        tree: Any = import_module("re._parser").parse(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ServiceError(
            "This is not a regular expression.", cause=str(error), kind=ErrorKind.INVALID
        ) from error
    long_repeats, choices = _weigh(tree)
    if long_repeats > MOST_LONG_REPEATS or choices > MOST_CHOICES:
        raise _too_slow(f"it has more than {MOST_LONG_REPEATS} repeats such as * and +")
    return pattern


def _too_slow(why: str) -> ServiceError:
    return ServiceError(
        f"This expression may take for ever: {why}.",
        hint="Use fewer of them, or a simpler expression.",
        kind=ErrorKind.INVALID,
    )


def _weigh(tree: Any) -> tuple[int, int]:
    """How many long repeats there are, and how many choices of any kind."""
    long_repeats = choices = 0
    for operator, argument in tree:
        name = str(operator)
        inner = [_weigh(each) for each in _parts(argument)]
        long_repeats += sum(each[0] for each in inner)
        choices += sum(each[1] for each in inner)
        if name in _REPEATS:
            least, most = int(argument[0]), int(argument[1])
            # A repeat of what can itself match in several ways: the ways multiply.
            if most > 3 and any(each[1] for each in inner):
                raise _too_slow("a repeat holds another repeat or alternatives, as (a+)* does")
            choices += least != most
            long_repeats += most > _LONG and least != most
        elif name == "BRANCH":
            choices += 1
        elif name == "GROUPREF":
            raise _too_slow("it refers back to a group")
    return long_repeats, choices


def _parts(argument: object) -> Iterator[Any]:
    """The expressions inside an argument of the parser's."""
    if hasattr(argument, "getwidth"):
        yield argument
    elif isinstance(argument, Sequence) and not isinstance(argument, str):
        for each in argument:
            yield from _parts(each)
