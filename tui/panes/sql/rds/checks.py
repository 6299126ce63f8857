"""Rules of RDS as the fields of a form want them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Check = Callable[[str], Sequence[str]]


def listed(problem: Callable[[str], str | None]) -> Check:
    """A rule that gives a sentence or None, as a form wants it."""

    def check(value: str) -> Sequence[str]:
        found = problem(value)
        return () if found is None else (found,)

    return check
