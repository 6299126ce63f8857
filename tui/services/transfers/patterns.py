"""Include and exclude patterns with the AWS CLI's semantics.

Source of the rules: "Use of Exclude and Include Filters" in the AWS CLI's reference of `aws s3`,
and the CLI's own `customizations/s3/filters.py`: everything is included at the start, the filters
are applied in order and a later one wins, and a pattern is matched against the whole path
relative to the chosen folder, so that `*` and `?` cross `/`.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError


@dataclass(frozen=True, slots=True)
class Pattern:
    """One `--include` or `--exclude`."""

    include: bool
    glob: str
    """`*` anything, `?` one character, `[abc]` one of them, `[!abc]` none of them."""


_HINT = 'Write them as in the AWS CLI: --exclude "*" --include "*.csv"'


def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of a line written as for the AWS CLI; empty for an empty line.

    Raises ServiceError (INVALID) for an unclosed quote, another option, or a missing pattern.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _invalid(f"A quote is not closed in the patterns: {error}.") from error
    patterns: list[Pattern] = []
    position = 0
    while position < len(words):
        option, equals, glob = words[position].partition("=")
        position += 1
        if option not in {"--include", "--exclude"}:
            raise _invalid(f"“{words[position - 1]}” is neither --include nor --exclude.")
        if not equals:
            if position == len(words):
                raise _invalid(f"{option} needs a pattern.")
            glob = words[position]
            position += 1
        patterns.append(Pattern(option == "--include", glob))
    return tuple(patterns)


def _invalid(message: str) -> ServiceError:
    return ServiceError(message, hint=_HINT, kind=ErrorKind.INVALID)


def compile_patterns(patterns: Sequence[Pattern]) -> Callable[[str, str], bool]:
    """A test `included(relative, whole)` for many paths.

    `relative` is the path inside the chosen folder. A pattern that starts with `/` is matched
    against `whole` instead, the absolute path (of an object: bucket, `/` and key), because the
    CLI joins each pattern to the folder and joining an absolute path replaces it.
    """
    compiled = [
        (pattern.include, pattern.glob.startswith("/"), re.compile(fnmatch.translate(pattern.glob)))
        for pattern in patterns
    ]

    def included(relative: str, whole: str) -> bool:
        for include, absolute, expression in reversed(compiled):
            if expression.match(whole if absolute else relative):
                return include
        return True

    return included
