"""Backslash commands, cut from a text where psql finds them.

Source of the rules: `src/bin/psql/psqlscanslash.l` of PostgreSQL 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tui.services.errors import ErrorKind
from tui.services.sql.models import SqlError
from tui.services.sql.text.lexer import TokenKind
from tui.services.sql.text.parameters import WORTH_A_LOOK, BoundParameter, is_parameter
from tui.services.sql.text.statements import Statement

_BLANKS = " \t\n\r\f\v"
_NO_BLANKS = re.compile(f"[^{_BLANKS}]+")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "f": "\f"}
_OCTAL = frozenset("01234567")
_HEX = frozenset("0123456789abcdefABCDEF")
_IN_QUOTES = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"[^"]*\"""", re.DOTALL)

SENDING = frozenset({"g", "gx", "G", "gdesc", "gset", "crosstabview", "watch"})
"""Commands that end a statement as a semicolon does, and run it or describe it. Without one in
front of them they mean the statement that was sent last."""

WHOLE_LINE = frozenset({"copy", "sf", "sf+", "sv", "sv+", "ef", "ev", "h", "help", "!"})
"""Commands that take the rest of the line as it stands."""


@dataclass(frozen=True)
class PsqlCommand:
    """One backslash command."""

    name: str
    """Without the backslash: "d+", "copy"."""
    line: str
    """All behind the name, as it stands."""
    arguments: tuple[str, ...]
    """The words behind it; double quotes are kept, as they belong to names."""
    statement: Statement
    """Where it stands."""
    sends: Statement | None = None
    """The statement in front of it that it runs."""

    @property
    def shown(self) -> str:
        """As it was written."""
        return f"\\{self.name}{self.line}".rstrip()

    def refused(self, message: str, hint: str = "") -> SqlError:
        """An error at its place."""
        return SqlError(message, hint=hint, kind=ErrorKind.INVALID, offset=self.statement.start)


def has_commands(statements: Iterable[Statement]) -> bool:
    """Whether one of them is a backslash command, or ends in one."""
    return any(_backslash(each) is not None for each in statements)


def commands_of(statement: Statement) -> tuple[PsqlCommand, ...]:
    """The commands in a statement as `split` cuts it: several may stand in a line. Empty for SQL
    without one. SqlError (INVALID) for a command inside a statement that is not ended."""
    at = _backslash(statement)
    if at is None:
        return ()
    found: list[PsqlCommand] = []
    text = statement.text[at:]
    while text:
        name, line, text = _cut(text)
        if name:
            found.append(PsqlCommand(name, line, _arguments(line), statement))
    if statement.keyword == "\\":
        return tuple(found)
    if not found or found[0].name not in SENDING | {"bind"}:
        name = found[0].name if found else ""
        raise SqlError(
            f"\\{name} stands in a statement that is not ended.",
            hint="End the statement with a semicolon; write the command in a line of its own.",
            kind=ErrorKind.INVALID,
            offset=statement.place(at),
        )
    if found[0].name == "bind":
        return _bound(statement, at, found)
    sql = statement.text[:at].rstrip(_BLANKS)
    sent = replace(statement, text=sql, end=statement.start + len(sql))
    return (replace(found[0], sends=sent), *found[1:])


def _backslash(statement: Statement) -> int | None:
    """Where the command begins; None if there is none."""
    # Only the last token can be one: it ends the statement, and is its end.
    text = statement.text
    if "\\" not in text:
        return None
    last = statement.tokens[-1]
    before = statement.tokens[-2] if len(statement.tokens) > 1 else None
    if before is not None and before.kind is TokenKind.BACKSLASH:
        return before.start  # it gives values, and the last one sends
    if last.kind is not TokenKind.BACKSLASH and not last.text.startswith("\\"):
        return None
    return last.start


def _bound(statement: Statement, at: int, found: list[PsqlCommand]) -> tuple[PsqlCommand, ...]:
    """`\\bind [value …]` and what sends the statement with those values."""
    giving, *others = found
    line = giving.line
    if not others:
        head, is_ended, _ = line.rpartition("\n")
        if not is_ended or line.rstrip(_BLANKS)[-1:] != ";":
            raise SqlError(
                "\\bind gives values and sends nothing.",
                hint="Write \\g behind the values, or a semicolon in the next line.",
                kind=ErrorKind.INVALID,
                offset=statement.place(at),
            )
        line = head
        others = [PsqlCommand("g", "", (), statement)]
    if others[0].name not in SENDING:
        raise SqlError(
            f"\\{others[0].name} stands between \\bind and what sends the statement.",
            kind=ErrorKind.INVALID,
            offset=statement.place(at),
        )
    values = tuple(_words(line))
    problem = _unlike_psql(line, values)
    as_written = _NO_BLANKS.findall(_without_quoted(line))
    if not problem:
        values = tuple(
            BoundParameter(value) if is_parameter(word) else value
            for value, word in zip(values, as_written, strict=True)
        )
    if problem:
        raise SqlError(
            problem,
            hint="Write the value itself, in single quotes.",
            kind=ErrorKind.INVALID,
            offset=statement.place(at),
        )
    sent = replace(
        statement,
        text=statement.text[:at].rstrip(_BLANKS),
        written=statement.text,
        bound=values,
    )
    return (replace(others[0], sends=sent), *others[1:])


def _unlike_psql(line: str, values: Sequence[str]) -> str:
    """Why the values of a `\\bind` are not those that psql would send; "" if they are."""
    plain = _without_quoted(line)
    left = plain.replace("''", "").replace('""', "")
    if "'" in left or '"' in left:
        return "A quote behind \\bind is not closed."
    if "`" in left:
        return "\\bind runs no programs here (`…`)."
    others = [each for each in _NO_BLANKS.findall(plain) if not is_parameter(each)]
    if WORTH_A_LOOK.search(" ".join(others)):
        return "A parameter behind \\bind is a value of its own, without quotes (:name)."
    return "A value of \\bind cannot hold a NUL character." if "\0" in "".join(values) else ""


def _without_quoted(line: str) -> str:
    """The line without what is in quotes. They themselves are left: `:'name'` is a parameter."""
    return _IN_QUOTES.sub(lambda found: found[0][0] * 2, line)


def _words(line: str) -> list[str]:
    """The words of a line as they stand, semicolons and all."""
    words: list[str] = []
    at = 0
    while at < len(line):
        if line[at] in _BLANKS:
            at += 1
            continue
        word, at = _word(line, at)
        words.append(word)
    return words


def _cut(text: str) -> tuple[str, str, str]:
    """The first command of a line: its name, what is behind it, and the commands after it."""
    end = 1
    if text[1:2] in {"!", "?"}:
        end = 2
    else:
        while end < len(text) and text[end] not in _BLANKS and text[end] != "\\":
            end += 1
    name = text[1:end]
    if text[end:] == "" and name.endswith(";"):
        return name.rstrip(";"), "", ""
    name = name.rstrip(";") if name not in {";"} else ""
    if name in WHOLE_LINE:
        return name, text[end:], ""
    at = end
    quote = ""
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\" and quote == "'":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "'\"`":
            quote = character
        elif character == "\\":
            break
        at += 1
    # `\\` only parts two commands.
    rest = text[at + 1 :] if text[at : at + 2] == "\\\\" else text[at:]
    if rest and not rest.startswith("\\"):
        rest = rest.lstrip(_BLANKS)
        rest = rest if rest.startswith("\\") else ""
    return name, text[end:at], rest


def _arguments(line: str) -> tuple[str, ...]:
    words = _words(line)
    # A semicolon at the end is taken for none of the command's.
    if words:
        words[-1] = words[-1].rstrip(";")
    return tuple(word for number, word in enumerate(words) if word or number + 1 < len(words))


def _word(line: str, at: int) -> tuple[str, int]:
    word = ""
    while at < len(line) and line[at] not in _BLANKS:
        character = line[at]
        if character == '"':
            end = line.find('"', at + 1)
            end = len(line) if end < 0 else end + 1
            word += line[at:end]
            at = end
        elif character == "'":
            part, at = _quoted(line, at + 1)
            word += part
        else:
            word += character
            at += 1
    return word, at


def _quoted(line: str, at: int) -> tuple[str, int]:
    """The text of a single-quoted part that begins at `at`, and where it ends."""
    text = ""
    while at < len(line):
        character = line[at]
        if character == "'":
            if line[at + 1 : at + 2] != "'":
                return text, at + 1
            text, at = f"{text}'", at + 2
        elif character == "\\" and at + 1 < len(line):
            part, at = _escape(line, at + 1)
            text += part
        else:
            text, at = text + character, at + 1
    return text, at


def _escape(line: str, at: int) -> tuple[str, int]:
    character = line[at]
    if character in _ESCAPES:
        return _ESCAPES[character], at + 1
    if character in _OCTAL:
        end = at
        while end < at + 3 and line[end : end + 1] in _OCTAL and end < len(line):
            end += 1
        return chr(int(line[at:end], 8) & 0xFF), end
    if character == "x" and line[at + 1 : at + 2] in _HEX and at + 1 < len(line):
        end = at + 1
        while end < at + 3 and end < len(line) and line[end] in _HEX:
            end += 1
        return chr(int(line[at + 1 : end], 16)), end
    return character, at + 1
