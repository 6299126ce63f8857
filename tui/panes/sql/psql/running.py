"""Runs what was chosen in the editor: statements, and backslash commands among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from types import MappingProxyType

from tui.panes.sql import wording
from tui.panes.sql.connecting import choosing
from tui.panes.sql.connecting.open_connections import name_of
from tui.panes.sql.editing.external import edit_tab_elsewhere
from tui.panes.sql.editing.files import open_path
from tui.panes.sql.editing.tabs import Tab
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.psql.long_file import run_long_file
from tui.panes.sql.psql.script import (
    ON_ERROR_STOP,
    WITH_ROWS,
    Do,
    LongFile,
    Say,
    ScriptRun,
    Step,
    connects,
    goes_on_by,
    needs_answers,
    not_found,
    placed,
    steps_of,
)
from tui.panes.sql.psql.to_file import run_into_file
from tui.panes.sql.psql.watching import watch
from tui.panes.sql.psql.with_rows import set_variables, show_crosstab, show_record, unset_variable
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.copy_files import run_copy_command
from tui.panes.sql.running.places import changing, is_elsewhere, may_run_here, moves_to
from tui.panes.sql.view import SqlView
from tui.panes.sql.warning import SHORT, run_warned, will_ask
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    NO_SECRET,
    Secrets,
    SqlError,
    Statement,
    TransactionState,
    is_url,
    split,
)
from tui.services.sql.files.sql_files import FALLBACK, read_script
from tui.services.sql.psql import PsqlCommand, has_commands
from tui.services.sql.psql.watch import watch_of

_AFTER_ERRORS = {
    True: "Files that \\i runs go on behind an error, as in psql.",
    False: "Files that \\i runs stop at the first error.",
}


def will_ask_first(view: SqlView, *, every: bool) -> bool:
    """Whether running the statement at the cursor, or every one, may ask something."""
    session, text = view.runner.session, view.editor.text
    elsewhere = is_elsewhere(view.tabs.model.current, view.runner)
    if session is not None and ("\\" in text or elsewhere) and len(text) <= SHORT:
        escapes = session.backslash_escapes
        if every:
            chosen = split(text, backslash_escapes=escapes)
        else:
            chosen = view.editor.chosen_now(backslash_escapes=escapes)
        if needs_answers(chosen) or (elsewhere and changing(chosen)):
            return True
    return will_ask(view, every=every)


async def run_chosen(
    view: SqlView, statements: Sequence[Statement], *, on: QueryRunner, in_editor: bool = True
) -> None:
    """Run statements and backslash commands in order on a connection, up to the first that fails.
    What cannot be done here is said before anything runs."""
    session = on.session
    tab = view.tabs.model.current if in_editor else None
    _refuse_changed_data(tab, statements)
    if session is None or not has_commands(statements):
        if tab is None or await may_run_here(view, tab, statements, on):
            await _run(view, on, ScriptRun(tuple(statements)), tab=tab, in_editor=in_editor)
        return
    view.clear_error()
    steps = await steps_of(
        statements,
        session.info,
        read_script,
        backslash_escapes=session.backslash_escapes,
        last=on.last_statement,
        goes_on=view.goes_on_after_errors,
    )
    here = takewhile(lambda step: not connects(step), steps)
    sent = [
        each
        for step in here
        for each in (step.statements if isinstance(step, ScriptRun) else _watched(step))
    ]
    if tab is not None and not await may_run_here(view, tab, sent, on):
        return
    said: list[str] = []
    for step in steps:
        if isinstance(step, Do):
            before = list(view.connections.open)
        then = await _take(view, on, step, said, tab=tab, in_editor=in_editor)
        if then is None:
            return
        if isinstance(step, Do):
            if then is not on and tab is not None:
                # A text that changes connections begins again on the first one.
                tab = _moved(view, tab, then) if not sent else None
            if then is not on and then in before and step is not steps[-1]:
                _refuse_to_join(then, step.command)
        on = then
    if any(said):
        view.say("\n".join(each for each in said if each))


async def _take(
    view: SqlView,
    on: QueryRunner,
    step: Step,
    said: list[str],
    *,
    tab: Tab | None,
    in_editor: bool,
) -> QueryRunner | None:
    """Take a step, and give the connection for what comes after it; None if nothing does."""
    if isinstance(step, Say):
        said.append(step.text)
    elif isinstance(step, Do):
        return await _do(view, on, step, said)
    elif isinstance(step, LongFile):
        take = partial(_take_inside, view, said=said)
        return await run_long_file(view, on, step, tab=tab, take=take)
    elif not await _run(view, on, step, tab=tab, in_editor=in_editor):
        return None
    else:
        said += _missing(on, step)
    return on


async def _take_inside(
    view: SqlView, on: QueryRunner, step: Step, *, said: list[str]
) -> QueryRunner | None:
    """Take a step of a long file, as `_take`."""
    before = list(view.connections.open)
    then = await _take(view, on, step, said, tab=None, in_editor=False)
    if isinstance(step, Do) and then is not None and then is not on and then in before:
        _refuse_to_join(then, step.command)
    return then


def _refuse_changed_data(tab: Tab | None, statements: Sequence[Statement]) -> None:
    """Raise if lines of data would not be sent as they are in the file: the editor has made ends of
    lines of characters in them, and sends UTF-8."""
    file = None if tab is None else tab.file
    for each in statements:
        if file is None or each.data is None:
            continue
        data, why, hint = each.data.text, "", f"\\i '{file.path}' runs the file as it is."
        if file.has_mixed_ends:
            why = "The lines of this file end in several ways, which the editor shows as one"
        elif file.newline != "\n" and "CSV" in each.text.upper() and _goes_on(data):
            why = "The lines of this file end in CR LF, also within values, and the editor has LF"
        elif file.encoding == FALLBACK and "ENCODING" in each.words and not data.isascii():
            why, hint = "This file is Latin-1, and sent as UTF-8", "Run the COPY without ENCODING."
        if why:
            raise SqlError(
                f"{why}: data in it would be changed.",
                hint=hint,
                kind=ErrorKind.INVALID,
                offset=each.start,
            )


def _goes_on(data: str) -> bool:
    """Whether a value in CSV may go on in the next line."""
    return any(line.count('"') % 2 for line in data.split("\n"))


def _watched(step: Step) -> tuple[Statement, ...]:
    return (step.statement,) if isinstance(step, Do) and step.statement is not None else ()


def _refuse_to_join(on: QueryRunner, command: PsqlCommand) -> None:
    """Raise if a text comes to a connection on which something else is not over: its statements
    would become a part of that."""
    if on.running:
        doing = "a statement is running there"
    elif on.state in {TransactionState.OPEN, TransactionState.FAILED}:
        doing = "a transaction is open there"
    else:
        return
    raise command.refused(
        f"{name_of(on)} was open already, and {doing}. What follows was not run.",
        "End that first (F7 commits, Ctrl+B rolls back, Esc cancels), then run it again.",
    )


def _moved(view: SqlView, tab: Tab, on: QueryRunner) -> Tab:
    view.tabs.settle(tab, name_of(on))
    return tab


async def _run(
    view: SqlView, on: QueryRunner, run: ScriptRun, *, tab: Tab | None, in_editor: bool
) -> bool:
    """Run statements; whether they were run to the end. The text of `tab` is for this connection
    then, if it changed something."""
    in_editor = in_editor and not run.path
    moves = tab is not None and await moves_to(tab, on, run.statements)
    ran = True
    try:
        ran = await run_warned(view, run.statements, on=on, in_editor=in_editor)
    except ServiceError as error:
        said = placed(error, run)
        if said is error:
            raise
        raise said from error
    finally:
        if ran and tab is not None and moves:
            view.tabs.settle(tab, name_of(on))
    return ran


def _missing(on: QueryRunner, run: ScriptRun) -> list[str]:
    shown = on.shown
    empty = isinstance(shown, LoadedResult) and shown.complete and not len(shown.rows)
    return [not_found(run)] if empty else []


async def _do(view: SqlView, on: QueryRunner, step: Do, said: list[str]) -> QueryRunner | None:
    """Do a command, and give the connection for what comes after it; None if nothing does."""
    command = step.command
    if command.name in WITH_ROWS:
        said.append(await _with_rows(view, on, command))
    elif command.name == "g":
        assert step.statement is not None, "it was found with the command"
        return on if await run_into_file(view, on, command, step.statement) else None
    elif command.name == "watch":
        assert step.statement is not None, "it was found with the command"
        told = await watch(view, on, step.statement, watch_of(command))
        said += told
        return on if told else None
    elif command.arguments[:1] == (ON_ERROR_STOP,) and command.name in {"set", "unset"}:
        view.goes_on_after_errors = goes_on_by(command)
        said.append(_AFTER_ERRORS[view.goes_on_after_errors])
    elif command.name == "unset":
        said.append(unset_variable(view, command))
    elif command.name in {"e", "edit"}:
        if command.arguments:
            await open_path(view, command.arguments[0])
        else:
            await edit_tab_elsewhere(view)
    elif command.name == "copy":
        await run_copy_command(view, command.shown, on=on, data=command.statement)
    elif command.name == "conninfo":
        said.append(connection_line(on))
    else:
        led_to = await _connect(view, on, command)
        if led_to is not None and not is_url(command.arguments[0] if command.arguments else ""):
            said.append(connection_line(led_to))
        return led_to
    return on


async def _with_rows(view: SqlView, on: QueryRunner, command: PsqlCommand) -> str:
    if command.name == "gset":
        return set_variables(view, command, on)
    if command.name == "crosstabview":
        return await show_crosstab(command, on)
    await show_record(view, on)
    return ""


def connection_line(on: QueryRunner) -> str:
    """Who is connected where, as psql says it."""
    if on.session is None:
        return ""
    info = on.session.info
    where = f'at port "{info.port}"'
    host = f'via socket in "{info.host}"' if info.host.startswith("/") else f'on host "{info.host}"'
    secured = wording.protection(info)
    return (
        f'You are connected to database "{info.database}" as user "{info.user}" {host} {where} '
        f"({secured}, PostgreSQL {info.version})."
    )


async def _connect(view: SqlView, on: QueryRunner, command: PsqlCommand) -> QueryRunner | None:
    """`\\c [database [user [host [port]]]]`, a dash for what stays; or a URL. None if the user gave
    it up. The connection before stays open."""
    words = [each.strip('"') for each in command.arguments]
    if not words or on.session is None or on.known is None:
        return on
    if is_url(words[0]):
        return await choosing.connect_url(view, words[0], again=False)
    info = on.session.info
    now = [info.database, info.user, info.host, str(info.port)]
    if len(words) > len(now) or "=" in words[0]:
        raise command.refused(
            "This is no database to connect to.",
            "Write \\c database, \\c database user host port, or a URL; Ctrl+O lists connections.",
        )
    wanted = [
        given if given != "-" else known
        for given, known in zip([*words, "-", "-", "-"], now, strict=False)
    ]
    target, secrets = on.known
    # A password goes only to the server and the user that it was given for.
    same = wanted[1:] == now[1:]
    database, user, host, port = wanted
    parameters = {**target.parameters, "dbname": database}
    if not same:
        parameters |= {"user": user, "host": host, "port": port}
        parameters.pop("hostaddr", None)
        parameters.pop("service", None)
    moved = replace(
        target,
        parameters=MappingProxyType(parameters),
        label=f"postgres://{user}@{host}:{port}/{database}",
        instance=target.instance if same else "",
        secret=target.secret if same else NO_SECRET,
    )
    if target.tunnel:
        moved = replace(moved, label=f"{moved.label} via ssh {target.tunnel}")
        if wanted[2:] != now[2:]:
            view.say(
                f"The way to {host}:{port} leads through the ssh host {target.tunnel}, as before. "
                "A URL without tunnel= leads there directly."
            )
    return await choosing.connect(view, moved, secrets if same else Secrets(), again=False)
