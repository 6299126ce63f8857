"""Statements that change or remove more than one usually means: asked about before they are run."""

from __future__ import annotations

from collections.abc import Sequence

from tui.services.sql.text.classify import classify
from tui.services.sql.text.lexer import Token, TokenKind
from tui.services.sql.text.statements import Statement

_EVERY_ROW = frozenset({"UPDATE", "DELETE"})
_NOT_A_STATEMENT = frozenset(
    {"FOR", "KEY", "DO", "ON", "OR", "BEFORE", "AFTER", "OF", "AS", "THEN"}
)
"""Words before UPDATE and DELETE where they are part of something else: FOR UPDATE, ON DELETE."""

_OUTSIDE_TRANSACTIONS = frozenset({"DATABASE", "TABLESPACE", "SUBSCRIPTION"})
"""What cannot be dropped inside a transaction."""


def danger(statement: Statement) -> str:
    """What a statement would do to more than a chosen few, as a noun phrase; "" if nothing such is
    seen. A condition that is true of every row is not seen through.
    """
    if not classify(statement).writes:
        return ""
    keyword = statement.keyword
    if keyword == "DROP":
        return f"DROP {_second_word(statement)}: what it names is gone with all that is in it"
    if keyword == "TRUNCATE":
        return "TRUNCATE: every row is removed"
    if keyword == "ALTER" and _drops_column(statement.tokens):
        return "DROP COLUMN: its values are gone in every row"
    if keyword in _EVERY_ROW | {"WITH", "EXPLAIN"}:
        found = _without_where(statement.tokens)
        if found:
            done = "changed" if found == "UPDATE" else "removed"
            return f"{found} without WHERE: every row is {done}"
    return ""


def dangers(statements: Sequence[Statement]) -> list[tuple[Statement, str]]:
    """Those of the statements that have one, with what it is. Of a long script it takes a second:
    not for the event loop."""
    found = ((each, danger(each)) for each in statements)
    return [(each, said) for each, said in found if said]


def fits_transaction(statement: Statement) -> bool:
    """Whether the statement can be run in a transaction, and be undone there."""
    return statement.keyword != "DROP" or _second_word(statement) not in _OUTSIDE_TRANSACTIONS


def _second_word(statement: Statement) -> str:
    words = [token.word for token in statement.tokens[:3] if token.word]
    return words[1] if len(words) > 1 else ""


def _drops_column(tokens: Sequence[Token]) -> bool:
    words = [token.word for token in tokens]
    return "TABLE" in words[:2] and any(
        word == "DROP" and words[at + 1 : at + 2] not in ([], ["CONSTRAINT"])
        for at, word in enumerate(words)
        if at > 2 and words[at - 1] != "COLUMN" and not _drops_property(words, at)
    )


def _drops_property(words: Sequence[str], at: int) -> bool:
    """ALTER COLUMN … DROP DEFAULT, NOT NULL, EXPRESSION, IDENTITY."""
    return words[at + 1 : at + 2] in (["DEFAULT"], ["NOT"], ["EXPRESSION"], ["IDENTITY"])


def _without_where(tokens: Sequence[Token]) -> str:
    """UPDATE or DELETE, if one stands there whose own part of the statement has no WHERE."""
    for at, token in enumerate(tokens):
        if token.word not in _EVERY_ROW or (at and tokens[at - 1].word in _NOT_A_STATEMENT):
            continue
        if at and (tokens[at - 1].text in {".", ","} or _ends_in_comma(tokens[at - 1])):
            continue
        if not _has_where(tokens[at + 1 :], token.depth):
            return token.word
    return ""


def _ends_in_comma(token: Token) -> bool:
    return token.kind is TokenKind.LIST and token.text.endswith(",")


def _has_where(rest: Sequence[Token], depth: int) -> bool:
    for token in rest:
        if token.depth < depth:
            return False
        if token.word == "WHERE" and token.depth == depth:
            return True
    return False
