"""Where the clauses of a query begin, and where lists and conditions can be broken.

Words are looked at, not parsed: a mistake makes a line break in an odd place and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tui.services.sql.formatting.parts import Leaf, Node, TokenGroup

_QUERIES = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "VALUES", "MERGE"})

_CREATED = frozenset({"TABLE", "VIEW", "INDEX"})

_JOINS = frozenset({"JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL"})

_BEFORE_JOIN = frozenset({"OUTER", "JOIN", *_JOINS})

_ALWAYS = frozenset(
    {"FROM", "WHERE", "HAVING", "LIMIT", "OFFSET", "FETCH", "WINDOW", "RETURNING", "SELECT"}
    | {"UNION", "INTERSECT", "EXCEPT"}
)

_CONDITIONS = frozenset({"WHERE", "HAVING", "ON", *_JOINS})

_HEADS = {
    "GROUP": ("BY",),
    "ORDER": ("BY",),
    "SELECT": ("DISTINCT", "ALL"),
    "INSERT": ("INTO",),
    "DELETE": ("FROM",),
    "UNION": ("ALL", "DISTINCT"),
    "WITH": ("RECURSIVE",),
}
"""Words that belong to the first one of a clause."""


@dataclass(frozen=True)
class Clause:
    """A part of a query that gets a line of its own."""

    nodes: Sequence[Node]
    head: Sequence[Node]
    """Its words, `ORDER BY`."""

    @property
    def word(self) -> str:
        """The first one, in capitals."""
        return self.nodes[0].first.word

    @property
    def body(self) -> Sequence[Node]:
        """What comes behind its words."""
        return self.nodes[len(self.head) :]

    @property
    def is_condition(self) -> bool:
        """Whether it is broken at AND and OR."""
        return self.word in _CONDITIONS

    @property
    def is_always_broken(self) -> bool:
        """Whether its items get lines of their own though they would fit: queries with names."""
        return self.word == "WITH"


def is_query(nodes: Sequence[Node]) -> bool:
    """Whether nodes are laid out by clauses."""
    return bool(nodes) and nodes[0].first.word in _QUERIES and isinstance(nodes[0], Leaf)


def query_start(nodes: Sequence[Node]) -> int | None:
    """Where the query of a statement begins, behind EXPLAIN or CREATE VIEW … AS; behind the last
    node if it has none and is laid out all the same; None for statements of other kinds."""
    words = [node.first.word if isinstance(node, Leaf) else "" for node in nodes]
    first = words[0] if words else ""
    if first in _QUERIES or (nodes and isinstance(nodes[0], TokenGroup)):
        return 0
    if first == "EXPLAIN":
        return next((at for at, word in enumerate(words) if word in _QUERIES), None)
    if first == "CREATE" and not _CREATED.isdisjoint(words[1:5]):
        behind = (at + 1 for at, word in enumerate(words) if word == "AS")
        return next((at for at in behind if at < len(words) and words[at] in _QUERIES), len(nodes))
    return None


def clauses_of(nodes: Sequence[Node]) -> Iterator[Clause]:
    """The clauses of a query, in order."""
    starts = [at for at in range(len(nodes)) if at == 0 or _begins(nodes, at)]
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(nodes)
        part = nodes[start:end]
        more = _HEADS.get(part[0].first.word, ())
        head = 2 if len(part) > 1 and part[1].first.word in more else 1
        yield Clause(part, part[:head])


def _begins(nodes: Sequence[Node], at: int) -> bool:
    node, before = nodes[at], nodes[at - 1].first
    if isinstance(node, TokenGroup) or not node.word or before.text == ".":
        return False
    word = node.word
    behind = nodes[at + 1].first.word if at + 1 < len(nodes) else ""
    if nodes[0].first.word == "MERGE":
        return word in {"USING", "WHEN", "SET"}
    if word in _JOINS:
        joins = word == "JOIN" or behind in _BEFORE_JOIN
        return joins and before.word not in _BEFORE_JOIN
    if word == "FROM":
        return before.word not in {"DISTINCT", "DELETE"}
    if word in {"GROUP", "ORDER"}:
        return behind == "BY"
    if word == "SELECT":
        # A query in a set of queries has its own line already.
        return True
    if word == "SET":
        return nodes[0].first.word in {"UPDATE", "INSERT", "WITH"}
    if word in {"VALUES", "ON"}:
        is_insert = nodes[0].first.word in {"INSERT", "WITH"}
        return is_insert and (word == "VALUES" or behind == "CONFLICT")
    if word in {"INSERT", "UPDATE", "DELETE"}:
        # Behind the queries of a WITH.
        return nodes[0].first.word == "WITH" and isinstance(nodes[at - 1], TokenGroup)
    if word == "FOR":
        return behind in {"UPDATE", "SHARE", "NO", "KEY"}
    return word in _ALWAYS


def split_at(
    nodes: Sequence[Node], marks: AbstractSet[str], *, keeps_between: bool = False
) -> Iterator[Sequence[Node]]:
    """Nodes cut behind each comma, or in front of each of the words. `keeps_between` leaves the AND
    of BETWEEN where it is."""
    start = 0
    between = False
    for at, node in enumerate(nodes):
        if isinstance(node, TokenGroup):
            continue
        if node.text == "," and "," in marks:
            yield nodes[start : at + 1]
            start = at + 1
        elif node.word == "BETWEEN" and keeps_between:
            between = True
        elif node.word == "AND" and between:
            between = False
        elif node.word in marks and node.word and at > start:
            yield nodes[start:at]
            start = at
    if start < len(nodes):
        yield nodes[start:]
