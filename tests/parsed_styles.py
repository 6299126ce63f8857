"""A style sheet is parsed once in a process, not again in each application of the tests.

Textual parses the styles of every kind of widget anew in each application: a third of the time that
a small one takes. What comes out depends on the text, on where it was read and on the variables of
the theme, and is only read afterwards.
"""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse_rules = Stylesheet._parse_rules

_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}


def _parse_once(
    sheet: Stylesheet,
    css: str,
    read_from: Any,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    asked = (css, read_from, is_default_rules, tie_breaker, scope)
    key = (*asked, frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, *asked)
    return _parsed[key]


def install() -> None:
    """Make every application of this process use what was parsed before."""
    Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign, assignment]
