"""How often a statement reads each table by name."""

from __future__ import annotations

from collections import Counter

from tui.services.sql.completing.scope import Scope, identifier, is_name
from tui.services.sql.text.lexer import Token
from tui.services.sql.text.statements import Statement

_BEFORE_RELATION = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "USING", "TABLE"})
_STILL_BEFORE = frozenset({"ONLY", "LATERAL"})
_BEHIND_FROM = frozenset(
    {
        "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "WINDOW", "UNION",
        "INTERSECT", "EXCEPT", "SELECT", "SET", "RETURNING", "VALUES", "WHEN",
    }
)  # fmt: skip


def read_at_once(statement: Statement, name: str) -> int:
    """How many rows of the table `name` may stand in one row of what the statement gives: 0 if the
    statement does not name it, 1, or more. More rather than fewer, where it cannot be told."""
    found = relation_mentions(statement.tokens)
    expressions = Scope(statement.tokens).expressions
    return max(found[name], *(found[each] for each in expressions), 0) if found[name] else 0


def relation_mentions(tokens: tuple[Token, ...]) -> Counter[str]:
    """Names that stand where a table can stand -> how often."""
    found: Counter[str] = Counter()
    before = False
    """Whether a relation may come next."""
    in_from = [False]
    """Of each open parenthesis, whether a comma is followed by another relation."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.text == "(":
            before = before and not (at and tokens[at - 1].word == "USING")
            in_from.append(before)
        elif token.text == ")":
            before = False
            if len(in_from) > 1:
                in_from.pop()
        elif token.text == ",":
            before = in_from[-1]
        elif token.word in _BEFORE_RELATION:
            before = True
            in_from[-1] = True
        elif token.word in _BEHIND_FROM:
            before = in_from[-1] = False
        elif before and is_name(token) and token.word not in _STILL_BEFORE:
            while at + 2 < len(tokens) and tokens[at + 1].text == "." and is_name(tokens[at + 2]):
                at += 2
            found[identifier(tokens[at])] += 1
            before = False
        at += 1
    return found
