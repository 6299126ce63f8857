"""How a statement is laid out: a clause on each line, lists and conditions indented where they do
not fit.

Only white space changes. That is not believed but looked at: what comes out must have the same
tokens and the same comments, in the same order, as what went in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.formatting.clauses import Clause, clauses_of, is_query, query_start, split_at
from tui.services.sql.formatting.parts import (
    Leaf,
    Node,
    TokenGroup,
    flat_line,
    grouped,
    scanned,
)
from tui.services.sql.formatting.writer import TokenWriter
from tui.services.sql.text.lexer import TokenKind

WIDTH = 88
"""Columns of a line, where something can be broken."""

SHORT = 60
"""Columns up to which a whole statement stays in one line."""

INDENT = 4

LONGEST = 100_000
"""Characters of a statement."""


def formatted(text: str, *, backslash_escapes: bool = False) -> str:
    """A statement, without its semicolon, in lines. ServiceError if it cannot be laid out, or would
    not be the same statement."""
    if len(text) > LONGEST:
        raise ServiceError(
            f"A statement of more than {LONGEST:,} characters is not formatted.",
            kind=ErrorKind.INVALID,
        )
    source = scanned(text, backslash_escapes=backslash_escapes)
    layout = _Layout()
    layout.statement(grouped(source.leaves))
    made = layout.writer.text() + source.tail
    if not source.is_same(scanned(made, backslash_escapes=backslash_escapes)):
        raise ServiceError(
            "The statement was left as it is: laid out, it would be another one.",
            kind=ErrorKind.INVALID,
        )
    return made


class _Layout:
    """Writes nodes; breaks what does not fit."""

    def __init__(self) -> None:
        self.writer = TokenWriter()

    def statement(self, nodes: Sequence[Node]) -> None:
        """A whole statement."""
        start = query_start(nodes)
        if start is None:
            raise ServiceError(
                f"{nodes[0].first.text.upper()} is not formatted; SELECT, INSERT, UPDATE, DELETE, "
                "MERGE, VALUES, CREATE TABLE, VIEW and INDEX are.",
                kind=ErrorKind.INVALID,
            )
        line = flat_line(nodes)
        if len(line) <= SHORT and all(node.is_flat for node in nodes):
            self._flat(nodes, 0)
            return
        self._flat(nodes[:start], 0)
        if 0 < start < len(nodes):
            self.writer.newline(0, nodes[start].first)
        self._sequence(nodes[start:], 0)

    def _flat(self, nodes: Sequence[Node], indent: int) -> None:
        for node in nodes:
            self._node(node, indent)

    def _sequence(self, nodes: Sequence[Node], indent: int) -> None:
        """Nodes that begin at the start of a line: clause by clause if they are a query."""
        if not is_query(nodes):
            self._flat(nodes, indent)
            return
        for number, clause in enumerate(clauses_of(nodes)):
            if number:
                self.writer.newline(indent, clause.nodes[0].first)
            self._clause(clause, indent)

    def _fits(self, nodes: Sequence[Node]) -> bool:
        gap = nodes[0].first.is_apart
        room = WIDTH - self.writer.column
        return all(node.is_flat for node in nodes) and len(flat_line(nodes)) + gap <= room

    def _clause(self, clause: Clause, indent: int) -> None:
        if self._fits(clause.nodes) and not clause.is_always_broken:
            self._flat(clause.nodes, indent)
            return
        self._flat(clause.head, indent)
        deeper = indent + INDENT
        if clause.is_condition:
            for number, part in enumerate(split_at(clause.body, {"AND", "OR"}, keeps_between=True)):
                if number:
                    self.writer.newline(deeper, part[0].first)
                self._flat(part, deeper if number else indent)
            return
        items = list(split_at(clause.body, {","}))
        if len(items) == 1:
            # Nothing but its parentheses can be broken.
            self._flat(items[0], indent)
            return
        self._items(items, deeper, begins=True)

    def _items(self, items: Sequence[Sequence[Node]], indent: int, *, begins: bool) -> None:
        for number, item in enumerate(items):
            if number or begins:
                self.writer.newline(indent, item[0].first)
            self._flat(item, indent)

    def _node(self, node: Node, indent: int) -> None:
        if isinstance(node, Leaf):
            self.writer.put(node, indent)
        elif node.is_flat and len(node.flat) + 1 <= WIDTH - self.writer.column:
            for leaf in _leaves(node):
                self.writer.put(leaf, indent)
        elif node.is_case:
            self._case(node, indent)
        else:
            self._group(node, indent)

    def _group(self, group: TokenGroup, indent: int) -> None:
        self.writer.put(group.opening, indent)
        deeper = indent + INDENT
        if not group.inner:
            self.writer.put(group.closing, indent)
            return
        self.writer.newline(deeper, group.inner[0].first)
        if is_query(group.inner):
            self._sequence(group.inner, deeper)
        else:
            items = list(split_at(group.inner, {","}))
            if len(items) > 1 and all(_is_constant(item) for item in items):
                self._filled(items, deeper)
            elif len(items) > 1:
                self._items(items, deeper, begins=False)
            else:
                parts = split_at(group.inner, {"AND", "OR"}, keeps_between=True)
                self._items(list(parts), deeper, begins=False)
        self.writer.newline(indent, group.closing)
        self.writer.put(group.closing, indent)

    def _filled(self, items: Sequence[Sequence[Node]], indent: int) -> None:
        """As many on each line as fit."""
        for number, item in enumerate(items):
            if number and not self._fits(item):
                self.writer.newline(indent, item[0].first)
            self._flat(item, indent)

    def _case(self, group: TokenGroup, indent: int) -> None:
        self.writer.put(group.opening, indent)
        deeper = indent + INDENT
        parts = list(split_at(group.inner, {"WHEN", "ELSE"}))
        for part in parts:
            if part[0].first.word in {"WHEN", "ELSE"}:
                self.writer.newline(deeper, part[0].first)
            self._flat(part, deeper)
        self.writer.newline(indent, group.closing)
        self.writer.put(group.closing, indent)


def _is_constant(item: Sequence[Node]) -> bool:
    """Whether an item of a list is one value."""
    leaves = [node for node in item if node.flat != ","]
    return (
        all(isinstance(node, Leaf) and node.is_flat for node in leaves)
        and len(leaves) <= 2
        and leaves[-1:] != []
        and leaves[-1].first.kind in {TokenKind.NUMBER, TokenKind.STRING}
    )


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
        return
    yield node.opening
    for each in node.inner:
        yield from _leaves(each)
    yield node.closing
