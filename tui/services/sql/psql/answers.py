"""Which statement answers a backslash command."""

from __future__ import annotations

import re
from dataclasses import replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_literal
from tui.services.sql.models import ServerInfo
from tui.services.sql.psql import listings, listings_granted, listings_typed
from tui.services.sql.psql.commands import PsqlCommand
from tui.services.sql.psql.describe import describe
from tui.services.sql.psql.listings import ListingAsked
from tui.services.sql.text.statements import Statement

OLDEST = 120000
"""PostgreSQL 12, whose catalogs are the oldest that are asked."""

_NAME = re.compile(r"(?P<what>d[a-zA-RT-Z]*|l|list|z|sf|sv)(?P<more>[S+]*)", re.DOTALL)
_VIEW = """SELECT pg_catalog.format(
  E'CREATE OR REPLACE VIEW %I.%I%s AS\\n%s%s', n.nspname, c.relname,
  CASE WHEN o.options IS NOT NULL THEN E'\\n WITH (' || o.options || ')' END,
  pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid, true), ';'),
  CASE WHEN 'check_option=local' = ANY (c.reloptions) THEN E'\\n WITH LOCAL CHECK OPTION'
    WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN E'\\n WITH CASCADED CHECK OPTION' END
) AS "View"
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(
    pg_catalog.format('%I=%L', t.option_name, t.option_value), ', ')
  FROM pg_catalog.pg_options_to_table(c.reloptions) t WHERE t.option_name <> 'check_option'
) o (options)
WHERE c.oid = {name}::pg_catalog.regclass"""


def answer(command: PsqlCommand, server: ServerInfo) -> Statement | None:
    """The statement that answers a command which lists or describes; None for all others.

    ServiceError (INVALID) for a pattern that psql refuses.
    """
    text = _text(command, server)
    if text is None:
        return None
    at = command.statement
    return replace(at, text=text, keyword="SELECT", written=command.shown, values=())


def version_of(server: ServerInfo) -> int:
    """18.4 as 180004; what cannot be read as the oldest."""
    found = re.match(r"(\d+)(?:\.(\d+))?", server.version)
    return OLDEST if found is None else int(found[1]) * 10000 + int(found[2] or 0)


def _text(command: PsqlCommand, server: ServerInfo) -> str | None:
    found = _NAME.fullmatch(command.name)
    if found is None:
        return None
    what, more = found["what"], found["more"]
    if what in {"sf", "sv"}:
        return _source(what, command)
    asked = ListingAsked(
        command.arguments[0] if command.arguments else "",
        verbose="+" in more,
        system="S" in more,
        version=version_of(server),
        database=server.database,
        arguments=command.arguments[1:],
    )
    if what in {"l", "list"}:
        return listings.databases(asked)
    if what == "z":
        return listings_granted.privileges(asked)
    return _described(what[1:], asked)


def _described(what: str, asked: ListingAsked) -> str | None:
    if what == "":
        return describe(asked) if asked.pattern else listings.relations("tvmsE", asked)
    if set(what) <= set("tvmisE"):
        return listings.relations(what, asked)
    if what[0] == "f" and set(what[1:]) <= set("anptw"):
        return listings_typed.functions(what[1:], asked)
    ways = {
        "n": listings.schemas,
        "u": listings.roles,
        "g": listings.roles,
        "x": listings.extensions,
        "T": listings_typed.types,
        "D": listings_typed.domains,
        "p": listings_granted.privileges,
        "b": listings_granted.tablespaces,
    }
    way = ways.get(what)
    return None if way is None else way(asked)


def _source(what: str, command: PsqlCommand) -> str:
    name = command.line.strip().rstrip(";").strip()
    if not name:
        thing = "function" if what == "sf" else "view"
        raise ServiceError(f"\\{what} wants the name of a {thing}.", kind=ErrorKind.INVALID)
    if what == "sv":
        return _VIEW.replace("{name}", quote_literal(name))
    kind = "regprocedure" if "(" in name else "regproc"
    return (
        f"SELECT pg_catalog.pg_get_functiondef({quote_literal(name)}::pg_catalog.{kind}) "
        'AS "Function"'
    )
