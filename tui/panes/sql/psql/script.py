"""What a text with backslash commands comes to, step by step, before anything of it runs.

Nothing runs if a command is not known here, or would make the rest of the text mean something else.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import ServerInfo, SqlError, Statement, split
from tui.services.sql.files.script_file import StreamedData, is_long
from tui.services.sql.files.sql_files import SqlFile
from tui.services.sql.psql import SENDING, PsqlCommand, answer, commands_of
from tui.services.sql.psql.column_types import describe_statement
from tui.services.sql.psql.elsewhere import SAID, hint_for
from tui.services.sql.psql.watch import watch_of
from tui.services.sql.text.copy_text import CopyDirection, copy_way

DEEPEST = 16
"""Files that may read one another in a row: more of them read themselves."""

ACTIONS = frozenset({"c", "connect", "copy", "e", "edit", "conninfo", "unset"})
"""What is done between two statements."""

WITH_ROWS = frozenset({"gx", "gset", "crosstabview"})
"""What is done with the rows of the statement that is sent."""

ON_ERROR_STOP = "ON_ERROR_STOP"

_ASKING = (ACTIONS | {"gx", "g"}) - {"conninfo", "unset"}

_FILES = frozenset({"i", "include", "ir", "include_relative"})
_SAYING = frozenset({"echo", "qecho", "warn"})
_HELP = frozenset({"h", "help"})

ReadFile = Callable[[str], SqlFile]


@dataclass(frozen=True)
class ScriptRun:
    """Statements that run together."""

    statements: tuple[Statement, ...]
    path: str = ""
    """The file that they come from; empty for the editor."""
    text: str = ""
    """All of that file."""


@dataclass(frozen=True)
class Do:
    """A command that is done between statements."""

    command: PsqlCommand
    statement: Statement | None = None
    """The statement that it sends by itself."""


@dataclass(frozen=True)
class Say:
    """A sentence for the user."""

    text: str


@dataclass(frozen=True)
class LongFile:
    """A file that is run piece by piece: it is too long to be held, or is run to its end whatever
    fails in it."""

    path: str
    depth: int
    """How many files led to it."""
    goes_on: bool = False
    """Whether it goes on behind a statement that fails."""


Step = ScriptRun | Do | Say | LongFile


async def steps_of(
    statements: Sequence[Statement],
    server: ServerInfo,
    read: ReadFile,
    *,
    backslash_escapes: bool,
    last: Statement | None = None,
    goes_on: bool = False,
) -> list[Step]:
    """The steps of a text, files read; `last` is the statement that was sent before, `goes_on` says
    whether files go on behind what fails in them. ServiceError for what cannot be done here."""
    found = ScriptSteps(server, read, backslash_escapes, last, goes_on=goes_on)
    await found.add(statements, "", "", 0)
    return found.steps


def connects(step: Step) -> bool:
    """Whether what comes after it may run on another connection."""
    return isinstance(step, Do) and step.command.name in {"c", "connect"}


def needs_answers(statements: Iterable[Statement]) -> bool:
    """Whether a command among them may ask something."""
    try:
        found = [command for each in statements for command in commands_of(each)]
    except ServiceError:
        return False
    return any(each.name in _ASKING | _FILES for each in found)


class ScriptSteps:
    """Takes statements, and makes steps of them."""

    def __init__(
        self,
        server: ServerInfo,
        read: ReadFile,
        escapes: bool,
        last: Statement | None,
        *,
        goes_on: bool = False,
    ) -> None:
        self.steps: list[Step] = []
        self._goes_on = goes_on
        self._server = server
        self._read = read
        self._escapes = escapes
        self._last = last
        self._restricted = ""
        """The word of the `\\restrict` that is in force."""

    async def add(self, statements: Sequence[Statement], path: str, text: str, depth: int) -> None:
        """Take statements of the file `path`, whose text is `text`, or of the editor; `depth` says
        how many files led to it."""
        for statement in statements:
            commands = commands_of(statement)
            if not commands:
                self._run(statement, path, text)
                self._last = statement
            for command in commands:
                if self._restricted or command.name in {"restrict", "unrestrict"}:
                    self._restrict(command)
                elif command.name in SENDING:
                    self._send(command, path, text)
                elif command.name in _FILES:
                    await self._include(command, path, depth)
                else:
                    self._one(command, path, text)

    def follow(self, sent: Statement | None) -> None:
        """What comes next stands behind a statement that was sent without this; None: behind what
        was taken last."""
        self._last = sent or self._last

    def _restrict(self, command: PsqlCommand) -> None:
        """Between `\\restrict WORD` and `\\unrestrict WORD` nothing of a dump may be a command:
        what a database holds cannot make any run."""
        word = " ".join(command.arguments)
        if self._restricted and command.name != "unrestrict":
            raise command.refused(
                "Backslash commands are restricted here; only \\unrestrict is allowed.",
                "Nothing was run: the dump may be made to do more than restore.",
            )
        if not word:
            raise command.refused(f"\\{command.name} wants a word.")
        if command.name == "restrict":
            self._restricted = word
        elif not self._restricted:
            raise command.refused("\\unrestrict: no \\restrict is in force.")
        elif word != self._restricted:
            raise command.refused("\\unrestrict: this is another word than that of \\restrict.")
        else:
            self._restricted = ""

    def _run(self, statement: Statement, path: str, text: str) -> None:
        last = self.steps[-1] if self.steps else None
        if isinstance(last, ScriptRun) and last.path == path:
            self.steps[-1] = ScriptRun((*last.statements, statement), path, text)
        else:
            self.steps.append(ScriptRun((statement,), path, text))

    def _send(self, command: PsqlCommand, path: str, text: str) -> None:
        name, sent = command.name, command.sends
        if name == "G" or (name == "gx" and command.arguments):
            raise _refused(command)
        if sent is None or not sent.text:
            # As in psql: the statement that was sent last.
            sent, path, text = self._last, "", ""
        if sent is None:
            raise command.refused(f"\\{name}: there is no statement in front of it.")
        if command.sends is not sent and isinstance(sent.data, StreamedData):
            raise command.refused(f"\\{name}: the data of the COPY in front of it is sent already.")
        self._last = sent
        if name == "gdesc":
            self._run(describe_statement(sent, command.statement), path, text)
        elif name == "watch":
            watch_of(command)  # what cannot be read is said before anything runs
            if copy_way(sent) is not None:
                raise command.refused("\\watch cannot be used with COPY.")
            self.steps.append(Do(command, sent))
        elif name == "g" and command.arguments:
            refuse_no_file(command, sent)
            self.steps.append(Do(command, sent))
        elif name == "g":
            self._run(sent, path, text)
        else:
            self.steps += [ScriptRun((sent,), path, text), Do(command)]

    def _one(self, command: PsqlCommand, path: str, text: str) -> None:
        answering = answer(command, self._server)
        is_variable = command.name in {"set", "unset"}
        if answering is not None:
            self._run(answering, path, text)
        elif is_variable and command.arguments[:1] == (ON_ERROR_STOP,):
            self._goes_on = goes_on_by(command)
            self.steps.append(Do(command))
        elif command.name in ACTIONS:
            self.steps.append(Do(command))
        elif command.name in _SAYING:
            words = command.arguments[1:] if command.arguments[:1] == ("-n",) else command.arguments
            self.steps.append(Say(" ".join(words)))
        elif command.name in _HELP:
            self.steps.append(Say(manual_page(command.line, self._server.version)))
        elif command.name == "set" and [each.upper() for each in command.arguments[:1]] == [
            "AUTOCOMMIT"
        ]:
            raise command.refused(
                "\\set AUTOCOMMIT is not done here.", "Alt+M commits by hand on this connection."
            )
        elif command.name in SAID:
            self.steps.append(Say(SAID[command.name]))
        else:
            raise _refused(command)

    async def _include(self, command: PsqlCommand, path: str, depth: int) -> None:
        if len(command.arguments) != 1:
            raise command.refused(f"\\{command.name} wants the name of a file.")
        if depth >= DEEPEST:
            raise command.refused(
                f"\\{command.name}: files that read one another, {DEEPEST} in a row."
            )
        relative = command.name in {"ir", "include_relative"}
        whole = _whole_path(command.arguments[0].strip('"'), path if relative else "")
        if self._goes_on or await asyncio.to_thread(is_long, whole):
            self.steps.append(LongFile(whole, depth + 1, self._goes_on))
            return
        file = await asyncio.to_thread(self._read, whole)
        statements = await asyncio.to_thread(
            split, file.text, backslash_escapes=self._escapes, is_file=True
        )
        await self.add(statements, whole, file.text, depth + 1)


def goes_on_by(command: PsqlCommand) -> bool:
    """Whether files go on behind an error after `\\set ON_ERROR_STOP …` or `\\unset ON_ERROR_STOP`.
    Raises for what psql does not take for yes or no either."""
    if command.name == "unset":
        return True
    said = "".join(command.arguments[1:]).lower() or "on"
    if said in {"on", "true", "yes", "1"}:
        return False
    if said in {"off", "false", "no", "0"}:
        return True
    raise command.refused(
        f"{said} is no value of {ON_ERROR_STOP}.", f"Write \\set {ON_ERROR_STOP} on, or off."
    )


def refuse_no_file(command: PsqlCommand, sent: Statement) -> None:
    """Raise if what stands behind `\\g` names no file that rows can go into."""
    line = command.line.strip()
    if line.startswith("|"):
        raise command.refused(
            "\\g runs no programs here.",
            "\\g FILE writes the rows into a file; run the program on it in a shell.",
        )
    if line.startswith("("):
        raise command.refused(
            "\\g takes no options here.",
            "The ending of the file says its form: .csv, .tsv, .jsonl, .parquet, .xlsx; any other "
            "gives the table of text that psql prints.",
        )
    if len(command.arguments) != 1:
        raise command.refused("\\g wants the name of one file.")
    if copy_way(sent) is CopyDirection.FROM:
        raise command.refused("This COPY reads rows: \\g FILE writes none.")


def _whole_path(name: str, beside: str) -> str:
    """The path of a file as it was written, `~` understood; relative to the folder of `beside`."""
    path = os.path.expanduser(name)
    return str(Path(beside).parent / path) if beside else os.path.abspath(path)


def _refused(command: PsqlCommand) -> SqlError:
    return command.refused(f"\\{command.name} is not done here.", hint_for(command.name))


def manual_page(line: str, version: str) -> str:
    """Where the manual describes an SQL command."""
    major = version.split(".")[0] or "current"
    words = "".join(each for each in line.lower() if each.isalpha() or each == " ").split()
    if not words:
        return f"https://www.postgresql.org/docs/{major}/sql-commands.html lists the SQL commands."
    page = "".join(words[:1]) if words[0] in {"select", "with", "table"} else "".join(words)
    return f"https://www.postgresql.org/docs/{major}/sql-{page}.html describes it."


def placed(error: ServiceError, run: ScriptRun) -> ServiceError:
    """An error of a statement of a file, with the file and the line said first."""
    if not run.path:
        return error
    name = Path(run.path).name
    offset = error.offset if isinstance(error, SqlError) else None
    line = "" if offset is None else f", line {run.text.count(chr(10), 0, offset) + 1}"
    if offset is not None:
        line += f", column {offset - run.text.rfind(chr(10), 0, offset)}"
    return ServiceError(
        f"{name}{line}: {error.message}",
        cause=error.cause,
        hint=hint_behind_error(error),
        code=error.code,
        kind=error.kind,
    )


def hint_behind_error(error: ServiceError) -> str:
    """The next step where a file was not run to its end."""
    if error.kind is ErrorKind.CANCELLED:
        return error.hint
    goes_on = "What follows in the file was not run; \\set ON_ERROR_STOP off goes on as psql does."
    return f"{error.hint} {goes_on}".strip()


def not_found(run: ScriptRun) -> str:
    """What psql says where a description finds nothing."""
    shown = run.statements[-1].shown
    name, _, pattern = shown.partition(" ")
    described = name.rstrip("+S") == "\\d" and bool(pattern)
    return f'Did not find any relation named "{pattern.strip()}".' if described else ""
