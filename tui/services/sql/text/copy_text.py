"""What the text of a COPY says: which way the rows go, and what psql's \\copy stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.text.lexer import TokenKind
from tui.services.sql.text.statements import Statement, split


class CopyDirection(Enum):
    """Which way the rows of a COPY go."""

    FROM = "from"
    """From a file into a table."""
    TO = "to"
    """From a table or a query into a file."""


_OURS = frozenset({"STDIN", "STDOUT"})
"""Both mean "over the connection", in either direction: the grammar of the server takes any."""

_LINE = re.compile(r"^Context: COPY [^\n]*?, (?:line|Zeile|ligne|línea|riga|строка) (\d+)", re.M)


def copy_way(statement: Statement) -> CopyDirection | None:
    """The way of a COPY that goes over the connection; None for every other statement, and for a
    COPY with a file or a program of the server's."""
    if statement.keyword != "COPY":
        return None
    tokens = statement.tokens
    for at, token in enumerate(tokens[:-1]):
        if not token.depth and token.word in {"FROM", "TO"}:
            if tokens[at + 1].word in _OURS:
                return CopyDirection.FROM if token.word == "FROM" else CopyDirection.TO
            return None
    return None


def suggested_name(statement: Statement) -> str:
    """A name for the file of a COPY … TO: that of the table, with the ending of the format."""
    words = statement.words
    ending = "csv" if "CSV" in words else "bin" if "BINARY" in words else "tsv"
    tokens = statement.tokens
    name = "result"
    for token in tokens[1:]:
        if token.text == "(" or token.word in {"FROM", "TO"}:
            break
        if token.text != ".":
            name = token.text
    if name.startswith('"'):
        name = name[1:-1].replace('""', '"')
    safe = "".join(each if each.isalnum() or each in "-_ ." else "_" for each in name).strip(". ")
    return f"{safe or 'result'}.{ending}"


def copied_query(statement: Statement) -> Statement | None:
    """The query whose rows a COPY … TO STDOUT sends, TABLE for one of a table; None for every other
    statement, and for one that cannot be read so."""
    if copy_way(statement) is not CopyDirection.TO:
        return None
    tokens = statement.tokens
    end = next(at for at, each in enumerate(tokens) if each.word == "TO" and not each.depth)
    if end < 2 or tokens[1].word == "BINARY":
        return None
    if tokens[1].text == "(":
        text = statement.text[tokens[1].end : tokens[end - 1].start]
    else:
        # Its columns are named in parentheses.
        last = next((at for at in range(2, end) if tokens[at].text == "("), end)
        text = f"TABLE {statement.text[tokens[1].start : tokens[last - 1].end]}"
    found = split(text, backslash_escapes=statement.backslash_escapes)
    return found[0] if len(found) == 1 else None


def file_line(cause: str) -> int:
    """The line of the file that the server's context names; 0 if it names none."""
    found = _LINE.search(cause)
    return int(found[1]) if found else 0


# -- psql's \copy ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class CopyCommand:
    """What a \\copy of psql's asks for."""

    statement: Statement
    """The COPY … FROM STDIN or TO STDOUT that it stands for."""
    path: str | None
    """The file as it was typed, without its quotes; None for stdin, stdout, pstdin, pstdout."""
    way: CopyDirection


_HELP = "Write \\copy table from 'file', or \\copy (query) to 'file' with (format csv)."


def copy_command(text: str) -> CopyCommand:
    """Read `\\copy table [(columns)] from|to 'file' [options]`, or a query in parentheses in place
    of the table. The options stand behind the file, as in psql.

    ServiceError (INVALID) for what is none, and for PROGRAM: no programs are run.
    """
    head = re.match(r"\s*(?:\\copy\b)?", text, re.IGNORECASE)
    rest = text[head.end() if head else 0 :].strip().rstrip(";").rstrip()
    found = split("COPY " + rest)
    tokens = found[0].tokens if found else ()
    for at, token in enumerate(tokens):
        if token.depth or token.word not in {"FROM", "TO"} or at < 2:
            continue
        if at + 1 == len(tokens):
            break
        way = CopyDirection.FROM if token.word == "FROM" else CopyDirection.TO
        whole = "COPY " + rest
        # Not by tokens: a path without quotes (/tmp/a-b.csv) is many of them.
        start = tokens[at + 1].start
        path, end = _path(whole, start, quoted=tokens[at + 1].kind is TokenKind.STRING)
        if path.upper() == "PROGRAM" and path == whole[start:end]:
            raise _refused("\\copy runs no programs here.", "Run the program in a shell first.")
        over = "STDIN" if way is CopyDirection.FROM else "STDOUT"
        sql = f"{whole[: token.end]} {over}{whole[end:]}"
        statements = split(sql)
        if len(statements) != 1:
            raise _refused("There is another statement behind this \\copy.", _HELP)
        (statement,) = statements
        is_stream = path.lower() in {"stdin", "stdout", "pstdin", "pstdout"}
        unquoted = path == whole[start:end]
        return CopyCommand(statement, None if is_stream and unquoted else path, way)
    raise _refused("This \\copy names no table or no file.", _HELP)


def _path(text: str, start: int, *, quoted: bool) -> tuple[str, int]:
    """The file that begins at `start`, and where it ends; psql doubles quotes inside quotes."""
    if not quoted:
        end = start
        while end < len(text) and not text[end].isspace():
            end += 1
        return text[start:end], end
    found = re.compile(r"'((?:[^']|'')*)'").match(text, start)
    if found is None:
        raise _refused("The name of the file has no closing quote.", _HELP)
    return found[1].replace("''", "'"), found.end()


def _refused(message: str, hint: str) -> ServiceError:
    return ServiceError(message, hint=hint, kind=ErrorKind.INVALID)
