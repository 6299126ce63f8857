"""Regular expressions that a person types, checked for the time that they may take.

Python's engine cannot be interrupted, and nothing else runs meanwhile: the screen stands still. An
expression that may go on in several ways is therefore searched by the package `regex`, which lets
others run and gives up after a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Protocol

from tui.services.errors import ErrorKind, ServiceError

MOST_LONG_REPEATS = 4
"""Repeats without a small limit in one expression: each may multiply the time by the length."""

_LONG = 100
"""Repeats of at most so many are short."""

MOST_CHOICES = 20
"""Places where the engine may go on in two ways, `?` and the like."""

LONGEST = 0.2
"""Seconds after which a search in one text is given up. The package looks at the clock only now and
then, so that it may take a few times as long."""

_SAMPLES = [chr(number) for number in range(384)]
"""ASCII and the Latin letters: what two repeats are compared by."""

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


class Expression(Protocol):
    """What searches a text."""

    @property
    def pattern(self) -> str:
        """As it was typed."""
        ...

    def search(self, text: str, /) -> re.Match[str] | None:
        """The first match. Raises TimeoutError when it took too long."""


class _Interruptible:
    """An expression of the package `regex`."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern
        self.pattern = str(pattern.pattern)

    def search(self, text: str, /) -> re.Match[str] | None:
        found: re.Match[str] | None = self._pattern.search(text, timeout=LONGEST, concurrent=True)
        return found


def compiled(text: str, *, ignore_case: bool = False) -> Expression:
    """The expression, compiled. Raises ServiceError (INVALID) if it is none, or if it may take for
    ever."""
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
    if _begins_alike(tree):
        raise _too_slow("two repeats at its beginning take the same characters, as .*.* does")
    if choices <= 1:
        return pattern
    package: Any = import_module("regex")
    try:
        return _Interruptible(package.compile(text, package.IGNORECASE if ignore_case else 0))
    except package.error as error:
        raise ServiceError(
            "This is not a regular expression.", cause=str(error), kind=ErrorKind.INVALID
        ) from error


def _too_slow(why: str) -> ServiceError:
    return ServiceError(
        f"This expression may take for ever: {why}.",
        hint="Use fewer of them, or a simpler expression. It is found anywhere: it needs no .* at "
        "its beginning.",
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


def _begins_alike(tree: Any) -> bool:
    """Whether two long repeats, before anything fixed, can share the same characters. Every line
    without a match then takes time by the third power of its length: seconds for 4,000 characters.
    """
    before: list[Any] = []
    for operator, argument in _without_groups(tree):
        if str(operator) not in _REPEATS:
            return False
        least, most, repeated = argument
        if most <= _LONG:
            if least:
                return False
            continue
        if any(_share(each, repeated) for each in before):
            return True
        # What has to stand between two others keeps them apart.
        before = [repeated] if least else [*before, repeated]
    return False


def _without_groups(tree: Any) -> Iterator[tuple[Any, Any]]:
    for operator, argument in tree:
        if str(operator) == "SUBPATTERN":
            yield from _without_groups(argument[-1])
        else:
            yield operator, argument


def _share(one: Any, other: Any) -> bool:
    """Whether some character alone is matched by both."""
    compiler: Any = import_module("re._compiler")
    first, second = (compiler.compile(each, re.IGNORECASE) for each in (one, other))
    return any(first.fullmatch(each) and second.fullmatch(each) for each in _SAMPLES)


def _parts(argument: object) -> Iterator[Any]:
    """The expressions inside an argument of the parser's."""
    if hasattr(argument, "getwidth"):
        yield argument
    elif isinstance(argument, Sequence) and not isinstance(argument, str):
        for each in argument:
            yield from _parts(each)
