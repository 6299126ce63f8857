"""A statement as tokens with the comments between them, grouped by parentheses and CASE … END."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.text.lexer import Token, TokenKind, comment_end, tokens

DEEPEST = 60
"""Parentheses within one another."""

_BLANKS = " \t\n\r\f\v"

_SPACED = frozenset({"=", "<", ">", "<=", ">=", "<>", "!=", "||", "=>", ":="})
"""Operators that get blanks around them where there were none."""

_OPERATOR = frozenset("+-*/<>=~!@#%^&|`?:.")

_OPERANDS = frozenset({TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING, TokenKind.NUMBER})


@dataclass(frozen=True)
class Comment:
    """A comment in front of a token."""

    text: str
    is_trailing: bool
    """Whether it stands on the line of the token before."""

    @property
    def ends_line(self) -> bool:
        """Whether nothing may follow it on its line."""
        return self.text.startswith("--")


@dataclass(frozen=True, eq=False)
class Leaf:
    """One token."""

    text: str
    word: str
    kind: TokenKind
    comments: tuple[Comment, ...]
    is_apart: bool
    """Whether a blank stands in front of it, in one line."""

    @property
    def first(self) -> Leaf:
        """The token that it begins with."""
        return self

    @property
    def is_flat(self) -> bool:
        """Whether it fits into one line, if there is room."""
        return not self.comments and "\n" not in self.text

    @property
    def flat(self) -> str:
        """As it stands in one line."""
        return self.text


@dataclass(frozen=True, eq=False)
class TokenGroup:
    """Parentheses or brackets with what is between them, or `CASE … END`."""

    opening: Leaf
    inner: tuple[Node, ...]
    closing: Leaf

    @property
    def first(self) -> Leaf:
        """The token that it begins with."""
        return self.opening

    @property
    def is_case(self) -> bool:
        """Whether it is a CASE."""
        return self.opening.word == "CASE"

    @cached_property
    def is_flat(self) -> bool:
        """Whether it fits into one line, if there is room."""
        return all(each.is_flat for each in (self.opening, *self.inner, self.closing))

    @cached_property
    def flat(self) -> str:
        """As it stands in one line."""
        return flat_line((self.opening, *self.inner, self.closing))


Node = Leaf | TokenGroup


def flat_line(nodes: Sequence[Node]) -> str:
    """Nodes in one line."""
    parts: list[str] = []
    for node in nodes:
        parts += (" ", node.flat) if parts and node.first.is_apart else (node.flat,)
    return "".join(parts)


@dataclass(frozen=True)
class Scanned:
    """All of a statement that says something, in order."""

    leaves: tuple[Leaf, ...]
    tail: str
    """The comments behind the last token, as they stand; empty if there are none."""
    joins: tuple[bool, ...]
    """For each two characters of operators in a row, whether they touch: `- -1` is not `--1`."""

    def is_same(self, other: Scanned) -> bool:
        """Whether another one differs in white space only."""
        return (
            self.joins == other.joins
            and self.tail.split("\n") == other.tail.split("\n")
            and len(self.leaves) == len(other.leaves)
            and all(map(_is_same, self.leaves, other.leaves))
        )


def _is_same(one: Leaf, other: Leaf) -> bool:
    comments = [[comment.text for comment in leaf.comments] for leaf in (one, other)]
    return (one.kind, one.text) == (other.kind, other.text) and comments[0] == comments[1]


def scanned(text: str, *, backslash_escapes: bool) -> Scanned:
    """What is in a statement. ServiceError for a psql command."""
    found = list(tokens(text, backslash_escapes=backslash_escapes))
    tail = text[found[-1].end if found else 0 :].rstrip(_BLANKS)
    joins = tuple(
        before.end == token.start
        for before, token in pairwise(found)
        if before.kind is token.kind is TokenKind.SYMBOL
        and before.text not in "()[],;"
        and token.text not in "()[],;"
    )
    return Scanned(tuple(_leaves(text, found)), tail if tail.strip(_BLANKS) else "", joins)


def _leaves(text: str, found: Sequence[Token]) -> Iterator[Leaf]:
    if any(token.kind is TokenKind.BACKSLASH for token in found):
        raise ServiceError("A psql command is not formatted.", kind=ErrorKind.INVALID)
    spaced = set(_to_be_spaced(found))
    end = 0
    for at, token in enumerate(found):
        gap = text[end : token.start]
        comments = tuple(_comments(gap, is_first=at == 0)) if gap else ()
        apart = at > 0 and _is_apart(found[at - 1], token, bool(gap) or at in spaced)
        yield Leaf(token.text, token.word, token.kind, comments, apart)
        end = token.end


def grouped(leaves: Sequence[Leaf]) -> tuple[Node, ...]:
    """The tokens as groups. ServiceError if what is opened is not closed."""
    nodes, end = _inner(leaves, 0, "", 0)
    if end != len(leaves):
        raise ServiceError(
            f"The statement closes with “{leaves[end].text}” what it does not open.",
            kind=ErrorKind.INVALID,
        )
    return nodes


def _inner(
    leaves: Sequence[Leaf], at: int, closing: str, depth: int
) -> tuple[tuple[Node, ...], int]:
    if depth > DEEPEST:
        raise ServiceError(
            f"More than {DEEPEST} parentheses stand within one another.", kind=ErrorKind.INVALID
        )
    nodes: list[Node] = []
    while at < len(leaves):
        leaf = leaves[at]
        closes = leaf.text if leaf.kind is TokenKind.SYMBOL else leaf.word
        if (closing and closes == closing) or (leaf.kind is TokenKind.SYMBOL and leaf.text in ")]"):
            break
        other = _closing_of(leaf, nodes)
        if not other:
            nodes.append(leaf)
            at += 1
            continue
        inner, end = _inner(leaves, at + 1, other, depth + 1)
        last = leaves[end] if end < len(leaves) else None
        if last is None or (last.word if other == "END" else last.text) != other:
            raise ServiceError(f"“{leaf.text}” is not closed.", kind=ErrorKind.INVALID)
        nodes.append(TokenGroup(leaf, inner, last))
        at = end + 1
    return tuple(nodes), at


def _closing_of(leaf: Leaf, before: Sequence[Node]) -> str:
    if leaf.kind is TokenKind.SYMBOL:
        return {"(": ")", "[": "]"}.get(leaf.text, "")
    is_name = bool(before) and before[-1].flat == "."
    return "END" if leaf.word == "CASE" and not is_name else ""


def _is_apart(before: Token, token: Token, was: bool) -> bool:
    if token.text in {",", ")", "]", ";"} or before.text in {"(", "["}:
        return False
    return was or before.text == ","


def _to_be_spaced(found: Sequence[Token]) -> Iterator[int]:
    """The tokens in front of which a blank makes an operator easier to see: `a=1`."""
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and _is_operator(found[end]):
            end += 1
            if end < len(found) and found[end].start != found[end - 1].end:
                break
        if 0 < at < end < len(found):
            run = "".join(token.text for token in found[at:end])
            before, behind = found[at - 1], found[end]
            ends = before.kind in _OPERANDS or before.text in {")", "]"}
            begins = behind.kind in _OPERANDS or behind.text == "("
            if run in _SPACED and ends and begins:
                yield at
                yield end
        at = max(end, at + 1)


def _is_operator(token: Token) -> bool:
    return token.kind is TokenKind.SYMBOL and token.text in _OPERATOR


def _comments(gap: str, *, is_first: bool) -> Iterator[Comment]:
    position, on_line = 0, not is_first
    while position < len(gap):
        if gap[position] in _BLANKS:
            on_line = on_line and gap[position] not in "\n\r"
            position += 1
            continue
        end = comment_end(gap, position)
        yield Comment(gap[position:end].rstrip(), on_line)
        position = end
