"""The catalog branch by branch: what is below a database, a schema, a table. Blocking.

A part that cannot be read hides no other: its count is unknown, and the branch says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.models import Row
from tui.services.sql.objects import questions
from tui.services.sql.objects.models import (
    RELATIONS,
    Branch,
    DbObject,
    Entry,
    Group,
    GroupOf,
    ObjectKind,
)
from tui.services.sql.objects.parts import PARTS_OF
from tui.services.sql.session.aside import DENIED, LOCKED, TOO_LONG
from tui.services.sql.session.connection import ServerConnection

PAGE = 200
"""Objects of one page."""

After = tuple[str, str]
"""Name and oid of the last object of the page before."""

START: After = ("", "0")

_RELKINDS = {
    "r": ObjectKind.TABLE,
    "p": ObjectKind.PARTITIONED,
    "v": ObjectKind.VIEW,
    "m": ObjectKind.MATERIALIZED,
    "f": ObjectKind.FOREIGN,
    "S": ObjectKind.SEQUENCE,
}
_PROKINDS = {
    "f": ObjectKind.FUNCTION,
    "p": ObjectKind.PROCEDURE,
    "a": ObjectKind.AGGREGATE,
    "w": ObjectKind.WINDOW,
}
_TYPTYPES = {
    "c": ObjectKind.COMPOSITE,
    "e": ObjectKind.ENUM,
    "d": ObjectKind.DOMAIN,
    "r": ObjectKind.RANGE,
    "b": ObjectKind.BASE,
}

_OF_A_KIND = {
    Group.FUNCTIONS: questions.routines("p.pronamespace = %s::oid"),
    Group.TYPES: questions.types("t.typnamespace = %s::oid"),
}


def asked(connection: ServerConnection, text: str, *values: str) -> list[Row]:
    """The rows of a question of our own."""
    with connection.execute(text, values) as cursor:
        return connection.fetch(cursor)


def branch(
    connection: ServerConnection, entry: Entry | None, *, hidden: bool, after: After = START
) -> Branch:
    """A page of what is below an entry; below None stand the databases. `hidden`: with the
    schemas and databases of the system.

    NOT_FOUND if the object is not there any more; psycopg2's errors where nothing can be read.
    """
    if entry is None:
        return Branch(tuple(_databases(connection, hidden)))
    if isinstance(entry, GroupOf):
        return _group(connection, entry, after)
    if entry.kind is ObjectKind.DATABASE:
        return _database(connection, entry, hidden, after)
    if entry.kind is ObjectKind.SCHEMA:
        _must_be_there(connection, questions.SCHEMA_IS_THERE, entry)
        return _counted(connection, entry, questions.OF_SCHEMA)
    if entry.kind in RELATIONS:
        _must_be_there(connection, questions.RELATION_IS_THERE, entry)
        return _counted(connection, entry, questions.OF_RELATION)
    return Branch(())


def search(
    connection: ServerConnection, text: str, *, hidden: bool, after: After = START
) -> Branch:
    """A page of the tables, views, sequences, routines and types whose name holds a text; with a
    dot in it, whose name behind the schema's does."""
    shown = "yes" if hidden else "no"
    values = (shown, text, *after, str(PAGE + 1))
    ways: tuple[tuple[str, Callable[[], list[DbObject]]], ...] = (
        ("tables and views", lambda: _relations(connection, _found_relations(text), *values)),
        (
            "functions",
            lambda: _made(connection, questions.found_routines(text), _routine, *values),
        ),
        ("types", lambda: _made(connection, questions.found_types(text), _type, *values)),
    )
    found: list[DbObject] = []
    problems: list[str] = []
    for what, way in ways:
        _or_problem(connection, what, lambda way=way: found.extend(way()), problems)  # type: ignore[misc]  # binds now
    if len(problems) == len(ways):
        raise ServiceError("Nothing of the catalog could be searched.", cause=problems[0])
    found.sort(key=lambda each: (each.name.encode("utf-8", "surrogatepass"), int(each.oid)))
    return _page(found, problems)


# -- databases and schemas ------------------------------------------------------------------------


def _databases(connection: ServerConnection, hidden: bool) -> list[DbObject]:
    return [
        DbObject(
            ObjectKind.DATABASE,
            str(name),
            str(oid),
            size=_number(size),
            owner=owner or "",
            comment=comment or "",
            current=current == "t",
        )
        for oid, name, current, size, owner, comment in asked(
            connection, questions.DATABASES, "yes" if hidden else "no"
        )
    ]


def _database(
    connection: ServerConnection, database: DbObject, hidden: bool, after: After
) -> Branch:
    shown = "yes" if hidden else "no"
    schemas = [
        DbObject(ObjectKind.SCHEMA, str(name), str(oid), owner=owner or "", comment=comment or "")
        for oid, name, owner, comment in asked(
            connection, questions.SCHEMAS, shown, *after, str(PAGE + 1)
        )
    ]
    page = _page(schemas, [])
    if after != START:
        return page
    problems: list[str] = []
    counts: list[int] = []
    _or_problem(
        connection,
        "extensions",
        lambda: counts.append(len(asked(connection, questions.EXTENSIONS))),
        problems,
    )
    extensions = GroupOf(Group.EXTENSIONS, database, counts[0] if counts else None)
    return Branch((extensions, *page.entries), page.after, tuple(problems))


# -- groups ---------------------------------------------------------------------------------------


def _counted(connection: ServerConnection, of: DbObject, ways: Mapping[Group, str]) -> Branch:
    """The groups below an object, the empty ones left out."""
    import psycopg2

    problems: list[str] = []
    counts: dict[Group, int | None] = {}
    together = ", ".join(f"({text})::text" for text in ways.values())
    try:
        (row,) = asked(connection, f"SELECT {together}", *[of.oid] * len(ways))
        counts = dict(zip(ways, map(_number, row), strict=True))
    except psycopg2.Error as error:
        if error.pgcode != DENIED:
            raise
        for group, text in ways.items():
            counts[group] = None
            _or_problem(
                connection,
                group.value,
                lambda group=group, text=text: counts.update(  # type: ignore[misc]  # binds now
                    {group: _number(asked(connection, f"SELECT ({text})::text", of.oid)[0][0])}
                ),
                problems,
            )
    groups = tuple(GroupOf(group, of, count) for group, count in counts.items() if count != 0)
    return Branch(groups, problems=tuple(problems))


def _group(connection: ServerConnection, entry: GroupOf, after: After) -> Branch:
    of, more = entry.of, str(PAGE + 1)
    if entry.group is Group.EXTENSIONS:
        return Branch(tuple(map(_extension, asked(connection, questions.EXTENSIONS))))
    if entry.group in PARTS_OF:
        text, made = PARTS_OF[entry.group]
        _must_be_there(connection, questions.RELATION_IS_THERE, of)
        return Branch(tuple(made(of, row) for row in asked(connection, text, of.oid)))
    if entry.group is Group.PARTITIONS:
        where = questions.IN_PARENT
        _must_be_there(connection, questions.RELATION_IS_THERE, of)
    elif entry.group in questions.RELKINDS:
        where = questions.in_schema(questions.RELKINDS[entry.group])
    else:
        made_of = _routine if entry.group is Group.FUNCTIONS else _type
        text = _OF_A_KIND[entry.group]
        return _page(_made(connection, text, made_of, of.oid, *after, more), [])

    def question(sizes: bool) -> str:
        return questions.relations(where, sizes=sizes)

    return _page(_relations(connection, question, of.oid, *after, more), [])


def _page(found: list[DbObject], problems: list[str]) -> Branch:
    entries = tuple(found[:PAGE])
    more = len(found) > PAGE
    after = (entries[-1].name, entries[-1].oid) if more else None
    return Branch(entries, after, tuple(problems))


def _found_relations(text: str) -> Callable[[bool], str]:
    return lambda sizes: questions.found_relations(text, sizes=sizes)


def _relations(
    connection: ServerConnection, question: Callable[[bool], str], *values: str
) -> list[DbObject]:
    """Relations with their sizes; without them where those cannot be had in time."""
    import psycopg2

    try:
        rows = asked(connection, question(True), *values)
    except psycopg2.Error as error:
        if error.pgcode not in {LOCKED, TOO_LONG}:
            raise
        rows = asked(connection, question(False), *values)
    return [_relation(row) for row in rows]


def _relation(row: Row) -> DbObject:
    oid, name, kind, schema, rows, size, owner, comment, bound = row
    return DbObject(
        _RELKINDS.get(kind or "", ObjectKind.TABLE),
        name or "",
        oid or "",
        schema or "",
        about=bound or "",
        rows=_number(rows),
        size=_number(size),
        owner=owner or "",
        comment=comment or "",
    )


def _made(
    connection: ServerConnection, text: str, made: Callable[[Row], DbObject], *values: str
) -> list[DbObject]:
    return [made(row) for row in asked(connection, text, *values)]


def _routine(row: Row) -> DbObject:
    oid, name, kind, schema, arguments, result, owner, comment = row
    return DbObject(
        _PROKINDS.get(kind or "", ObjectKind.FUNCTION),
        name or "",
        oid or "",
        schema or "",
        arguments=arguments or "",
        about=f"→ {result}" if result else "",
        owner=owner or "",
        comment=comment or "",
    )


def _type(row: Row) -> DbObject:
    oid, name, kind, schema, about, owner, comment = row
    return DbObject(
        _TYPTYPES.get(kind or "", ObjectKind.BASE),
        name or "",
        oid or "",
        schema or "",
        about=about or "",
        owner=owner or "",
        comment=comment or "",
    )


def _extension(row: Row) -> DbObject:
    oid, name, version, schema, owner, comment = row
    return DbObject(
        ObjectKind.EXTENSION,
        name or "",
        oid or "",
        about=f"{version} in {schema}",
        owner=owner or "",
        comment=comment or "",
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


# -- what goes wrong ------------------------------------------------------------------------------


def _must_be_there(connection: ServerConnection, text: str, what: DbObject) -> None:
    if not asked(connection, text, what.oid):
        raise ServiceError(
            f"The {what.kind.value} {what.sql_name} is not there any more.",
            hint="Press r to read the list again.",
            kind=ErrorKind.NOT_FOUND,
        )


def _or_problem(
    connection: ServerConnection, what: str, read: Callable[[], object], problems: list[str]
) -> None:
    """Read a part; if the server does not let us, say so and go on with the others."""
    import psycopg2

    try:
        read()
    except psycopg2.Error as error:
        if error.pgcode != DENIED:
            raise
        said = connection.received(str(error).strip()).splitlines()
        problems.append(f"{what}: {said[0] if said else 'permission denied'}")
