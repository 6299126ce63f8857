"""Style sheets are parsed once for all applications of a process, not once for each of them, and
their rules are found without a call of Python's for each."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_parsed: dict[tuple[object, ...], list[RuleSet]] = {}
_variables_of: WeakKeyDictionary[Stylesheet, tuple[dict[str, str], frozenset[tuple[str, str]]]]
_variables_of = WeakKeyDictionary()
_parse_rules = Stylesheet._parse_rules


def _parse_rules_once(
    sheet: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    key = (css, read_from, is_default_rules, tie_breaker, scope, _variables(sheet))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, css, read_from, is_default_rules, tie_breaker, scope)
    return _parsed[key]


def _variables(sheet: Stylesheet) -> frozenset[tuple[str, str]]:
    """The variables of a theme; found out again only when the sheet has others."""
    known = _variables_of.get(sheet)
    if known is None or known[0] is not sheet._variables:
        known = _variables_of[sheet] = (sheet._variables, frozenset(sheet._variables.items()))
    return known[1]


def install() -> None:
    """Share what is parsed among all applications of this process."""
    Stylesheet._parse_rules = _parse_rules_once  # type: ignore[method-assign, assignment]
    # The same as Textual's, which is `id`. It is asked for each rule and each widget: a third of
    # the time in which styles are applied.
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]
