"""What the definitions of all kinds of objects share: asking, comments, owners, grants."""

# ruff: noqa: S608 - made of texts of our own

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_identifier, quote_literal
from tui.services.sql.models import Row
from tui.services.sql.session.connection import ServerConnection

OPTIONS = (
    "(SELECT pg_catalog.string_agg(CASE WHEN o.option_value ~ '^([0-9.]+|true|false|on|off)$' "
    "THEN pg_catalog.format('{prefix}%%I=%%s', o.option_name, o.option_value) "
    "ELSE pg_catalog.format('{prefix}%%I=%%L', o.option_name, o.option_value) END, ', ') "
    "FROM pg_catalog.pg_options_to_table({source}) o)"
)
"""Storage options as they stand behind WITH."""

FDW_OPTIONS = (
    "(SELECT pg_catalog.string_agg("
    "pg_catalog.format('%%I %%L', o.option_name, o.option_value), ', ') "
    "FROM pg_catalog.pg_options_to_table({source}) o)"
)
"""Options of foreign tables and their columns."""

_GRANTS = """
WITH given AS (SELECT {acl} AS acl, {owner} AS owner FROM {source}),
now AS (SELECT e.grantee, e.privilege_type, e.is_grantable, e.ordinality FROM given,
  pg_catalog.aclexplode(given.acl) WITH ORDINALITY e (grantor, grantee, privilege_type,
    is_grantable, ordinality)),
base AS (SELECT e.grantee, e.privilege_type, e.is_grantable, e.ordinality FROM given,
  pg_catalog.aclexplode(pg_catalog.acldefault('{kind}', given.owner)) WITH ORDINALITY e (grantor,
    grantee, privilege_type, is_grantable, ordinality) WHERE given.acl IS NOT NULL)
SELECT x.change, CASE x.grantee WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(x.grantee) END,
  x.privilege_type, x.is_grantable::text
FROM (
  SELECT 1 AS step, 'REVOKE' AS change, b.* FROM base b WHERE NOT EXISTS (SELECT FROM now n
    WHERE n.grantee = b.grantee AND n.privilege_type = b.privilege_type
      AND n.is_grantable = b.is_grantable)
  UNION ALL
  SELECT 2, 'GRANT', n.* FROM now n WHERE NOT EXISTS (SELECT FROM base b
    WHERE n.grantee = b.grantee AND n.privilege_type = b.privilege_type
      AND n.is_grantable = b.is_grantable)
) x ORDER BY x.step, x.ordinality
"""


class DdlWriter:
    """Asks the catalog about one object and collects the statements that make it."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.version = int(connection.driver.server_version)
        """160014 is 16.14."""
        self._statements: list[str] = []

    # -- asking -----------------------------------------------------------------------------------

    def ask(self, text: str, *values: str) -> list[Row]:
        """The rows of a question of our own; a `%` of its own is doubled in it."""
        with self.connection.execute(text, values) as cursor:
            return self.connection.fetch(cursor)

    def ask_one(self, text: str, *values: str) -> Row:
        """The only row of a question about the object; NOT_FOUND if it is not there any more."""
        rows = self.ask(text, *values)
        if not rows:
            raise ServiceError(
                "This object is not there any more.",
                hint="Press r to read the list again.",
                kind=ErrorKind.NOT_FOUND,
            )
        return rows[0]

    # -- writing ----------------------------------------------------------------------------------

    def add(self, statement: str) -> None:
        """One more statement; its semicolon is added unless it is there."""
        text = statement.strip()
        self._statements.append(text if text.endswith(";") else f"{text};")

    def remark(self, text: str) -> None:
        """A line that says something of what follows; names in it are quoted."""
        self._statements.append(f"-- {text}")

    @property
    def text(self) -> str:
        """All of them, short ones in lines of their own, longer ones apart."""
        parts: list[str] = []
        for number, each in enumerate(self._statements):
            if number:
                short = "\n" not in each and "\n" not in self._statements[number - 1]
                parts.append("\n" if short else "\n\n")
            parts.append(each)
        return "".join(parts) + "\n"

    def comment(self, what: str, text: str | None) -> None:
        """What was said about the object, if anything was."""
        if text is not None:
            self.add(f"COMMENT ON {what} IS {quote_literal(text)}")

    def grants(self, what: str, kind: str, source: str, acl: str, owner: str, *values: str) -> None:
        """What was granted and revoked beside what every such object has from the start. `kind` is
        the letter of `acldefault`; `what` is the object, with its word: "TABLE public.t"."""
        text = _GRANTS.format(acl=acl, owner=owner, source=source, kind=kind)
        self._write_grants(self.ask(text, *values), what, "")

    def column_grants(self, what: str, column: str, oid: str, number: str) -> None:
        """What was granted on one column."""
        text = (
            "SELECT 'GRANT', CASE e.grantee WHEN 0 THEN NULL "
            "ELSE pg_catalog.pg_get_userbyid(e.grantee) END, e.privilege_type, "
            "e.is_grantable::text FROM pg_catalog.pg_attribute a, "
            "pg_catalog.aclexplode(a.attacl) e WHERE a.attrelid = %s::oid AND a.attnum = %s::int2"
        )
        self._write_grants(self.ask(text, oid, number), what, f" ({column})")

    def _write_grants(self, rows: Iterable[Row], what: str, columns: str) -> None:
        for (change, grantee, grantable), found in groupby(rows, key=lambda r: (r[0], r[1], r[3])):
            privileges = ", ".join(f"{row[2]}{columns}" for row in found)
            who = "PUBLIC" if grantee is None else quote_identifier(grantee)
            if change == "REVOKE":
                self.add(f"REVOKE {privileges} ON {what} FROM {who}")
            else:
                option = " WITH GRANT OPTION" if grantable == "true" else ""
                self.add(f"GRANT {privileges} ON {what} TO {who}{option}")


def function_name(column: str) -> str:
    """The question for the full name of a function; without a row, NULL."""
    return (
        "(SELECT pg_catalog.format('%%I.%%I', fn.nspname, f.proname) FROM pg_catalog.pg_proc f "
        "JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace "
        f"WHERE f.oid = {column})"
    )


def qualified(schema: str | None, name: str | None) -> str:
    """A name with its schema, quoted where needed."""
    return f"{quote_identifier(schema or '')}.{quote_identifier(name or '')}"


def quoted(name: str | None) -> str:
    """A name, quoted where needed."""
    return quote_identifier(name or "")
