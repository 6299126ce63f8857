"""Names of types, and which of them line up on the right."""

from __future__ import annotations

from typing import Any

from tui.services.sql.models import Column
from tui.services.sql.wire import Wire

_KNOWN: dict[int, tuple[str, bool]] = {
    16: ("boolean", False),
    17: ("bytea", False),
    19: ("name", False),
    20: ("bigint", True),
    21: ("smallint", True),
    23: ("integer", True),
    25: ("text", False),
    26: ("oid", True),
    114: ("json", False),
    700: ("real", True),
    701: ("double precision", True),
    705: ("unknown", False),
    790: ("money", True),
    1042: ("character", False),
    1043: ("character varying", False),
    1082: ("date", False),
    1083: ("time without time zone", False),
    1114: ("timestamp without time zone", False),
    1184: ("timestamp with time zone", False),
    1186: ("interval", False),
    1700: ("numeric", True),
    2278: ("void", False),
    2950: ("uuid", False),
    3802: ("jsonb", False),
}
"""oid -> name and alignment of the types that never change (pg_type.dat), so that most results
need no second question."""

_LOOK_UP = (
    "SELECT oid::text, pg_catalog.format_type(oid, NULL), typcategory = 'N' "
    "FROM pg_catalog.pg_type WHERE oid = ANY (%s::pg_catalog.oid[])"
)


class TypeNames:
    """The types that one connection has met."""

    def __init__(self) -> None:
        self._known = dict(_KNOWN)

    def columns(self, cursor: Any, wire: Wire) -> tuple[Column, ...]:
        """The columns of what `cursor` has just fetched; asks for the types not met before."""
        description = cursor.description
        unknown = {int(each.type_code) for each in description} - self._known.keys()
        if unknown:
            for oid, name, numeric in wire.rows(_LOOK_UP, (sorted(map(str, unknown)),)):
                self._known[int(oid)] = (name, numeric == "t")
        return tuple(
            Column(
                wire.received(each.name),
                int(each.type_code),
                *self._known.get(int(each.type_code), (f"type {each.type_code}", False)),
            )
            for each in description
        )
