"""Include and exclude patterns, as the AWS CLI has them.

Everything is included at the start, the filters are applied in order and a later one wins, and a
pattern is matched against the whole path relative to the chosen folder, so that `*` and `?` cross
`/` ("Use of Exclude and Include Filters" in the CLI's reference of `aws s3`, and its own
`customizations/s3/filters.py`).
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError

NAMED = 500
"""Names that were left out and are kept to be shown; the rest is counted."""

_OPTIONS = ("--include", "--exclude")
_OPEN = {
    "No closing quotation": "A quote is not closed in the patterns.",
    "No escaped character": "A backslash in the patterns has nothing behind it.",
}
_HINT = 'Write them as in the AWS CLI: --exclude "*" --include "*.csv"'


@dataclass(frozen=True, slots=True)
class Pattern:
    """One `--include` or `--exclude`."""

    include: bool
    glob: str
    """`*` anything, `?` one character, `[abc]` one of them, `[!abc]` none of them."""

    def __str__(self) -> str:
        return f'{_OPTIONS[0] if self.include else _OPTIONS[1]} "{self.glob}"'


@dataclass(frozen=True, slots=True)
class TypedPatterns:
    """A line of patterns, perhaps in the middle of being typed."""

    patterns: tuple[Pattern, ...]
    """What is understood of it so far."""
    unfinished: ServiceError | None = None
    """Why it is no whole line yet: an open quote, or an option without its pattern."""


def read_patterns(text: str) -> TypedPatterns:
    """The patterns of a line that may not be typed to its end.

    Raises ServiceError (INVALID) for what no further typing makes right.
    """
    try:
        words, unfinished = shlex.split(text), None
    except ValueError as error:
        unfinished = _invalid(_OPEN.get(str(error), f"The patterns cannot be read: {error}."))
        words = _closed(text)
    patterns: list[Pattern] = []
    position = 0
    while position < len(words):
        word = words[position]
        option, equals, glob = word.partition("=")
        position += 1
        if option not in _OPTIONS:
            wrong = _invalid(f"“{word}” is neither --include nor --exclude.")
            is_begun = position == len(words) and not text[-1:].isspace()
            if is_begun and any(each.startswith(word) for each in _OPTIONS):
                return TypedPatterns(tuple(patterns), unfinished or wrong)
            raise wrong
        if not equals:
            if position == len(words):
                missing = _invalid(f"{option} needs a pattern.")
                return TypedPatterns(tuple(patterns), unfinished or missing)
            glob = words[position]
            position += 1
        patterns.append(Pattern(option == _OPTIONS[0], glob))
    return TypedPatterns(tuple(patterns), unfinished)


def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of a line written as for the AWS CLI; empty for an empty line.

    Raises ServiceError (INVALID) for an unclosed quote, another option, or a missing pattern.
    """
    typed = read_patterns(text)
    if typed.unfinished is not None:
        raise typed.unfinished
    return typed.patterns


def _closed(text: str) -> list[str]:
    """The words of a line whose last quote or backslash is open."""
    for end in ("\\", '"', "'", '\\"'):
        try:
            return shlex.split(text + end)
        except ValueError:
            continue
    return []


def _invalid(message: str) -> ServiceError:
    return ServiceError(message, hint=_HINT, kind=ErrorKind.INVALID)


def compile_patterns(patterns: Sequence[Pattern]) -> Callable[[str, str], Pattern | None]:
    """A test `excluding(relative, whole)` for many paths: the pattern that leaves one out, None
    where it is included.

    `relative` is the path inside the chosen folder. A pattern that starts with `/` is matched
    against `whole` instead, the absolute path (of an object: bucket, `/` and key), because the
    CLI joins each pattern to the folder and joining an absolute path replaces it.
    """
    compiled = [
        (pattern, pattern.glob.startswith("/"), re.compile(fnmatch.translate(pattern.glob)).match)
        for pattern in reversed(patterns)
    ]

    def excluding(relative: str, whole: str) -> Pattern | None:
        for pattern, absolute, matches in compiled:
            if matches(whole if absolute else relative):
                return None if pattern.include else pattern
        return None

    return excluding


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the patterns of a plan left out."""

    count: int = 0
    by: tuple[tuple[Pattern, int], ...] = ()
    """How many each pattern left out, in the order of the patterns; 0 shows what is mistyped."""
    named: tuple[tuple[str, Pattern], ...] = ()
    """The first of them, and what left them out."""


NONE_LEFT_OUT = LeftOut()


class Sieve:
    """Lets names through that the patterns include, and keeps count of the others."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._excluding = compile_patterns(patterns)
        self._by = {pattern: 0 for pattern in patterns if not pattern.include}
        self._named: list[tuple[str, Pattern]] = []

    def passes(self, relative: str, whole: str, name: str) -> bool:
        """Whether a name is included; `name` is what is shown of one that is not."""
        pattern = self._excluding(relative, whole)
        if pattern is None:
            return True
        self._by[pattern] += 1
        if len(self._named) < NAMED:
            self._named.append((name, pattern))
        return False

    @property
    def left_out(self) -> LeftOut:
        """What did not pass so far."""
        by = tuple(self._by.items())
        return LeftOut(sum(self._by.values()), by, tuple(self._named))
