"""Opening and saving the files of tabs: what is asked, and what is said."""

from __future__ import annotations

import asyncio
import os
from enum import Enum, auto
from pathlib import Path

from tui.panes.sql.editing.tabs import Tab
from tui.panes.sql.view import SqlView
from tui.services.errors import ServiceError
from tui.services.quantities import size_text
from tui.services.sql.files.sql_files import (
    ENCODING_NAMES,
    FALLBACK,
    MAX_BYTES,
    ChangedOnDiskError,
    FileMark,
    NotUtf8Error,
    SqlFile,
    digest_on_disk,
    other_names,
    read_sql_file,
    write_sql_file,
)
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, Confirm
from tui.widgets.file_picker import OneFilePicker
from tui.widgets.text.safe_text import visible


class _Instead(Enum):
    """What to do about a file that is another one now."""

    REPLACE = auto()
    ELSEWHERE = auto()
    LOOK = auto()


# -- opening --------------------------------------------------------------------------------------


async def open_chosen(view: SqlView) -> None:
    """Ask for a file and open it."""
    title = f"Open an SQL file (up to {size_text(MAX_BYTES)})"
    picker = OneFilePicker(view.services.transfers.folders, folder_of(view), title=title)
    chosen = await view.ask(picker, follows=True)
    if chosen:
        await open_path(view, str(chosen[0]))


async def open_path(view: SqlView, path: str) -> bool:
    """Open a file in a tab, or show the tab that has it; False if it was not opened after all."""
    path = await asyncio.to_thread(os.path.abspath, path)
    at = view.tabs.model.of_file(path)
    if at is None:
        file = await _read(view, path)
        if file is None:
            return False
        view.tabs.new(file.text, file.mark)
        view.say(opened_line(file))
    else:
        view.tabs.go(at)
        view.say("This file is open already; here is its tab.")
    view.editor.focus()
    return True


async def _read(view: SqlView, path: str) -> SqlFile | None:
    try:
        return await asyncio.to_thread(read_sql_file, path)
    except NotUtf8Error as error:
        question = Confirm(
            "Open it as Latin-1?",
            f"{error.message} ({error.cause})\nIn Latin-1 each byte is one character, and the "
            "file is saved in Latin-1, too. If its text looks wrong then, it has another encoding.",
            yes="Open",
        )
        if not await view.ask(question):
            return None
        return await asyncio.to_thread(read_sql_file, path, FALLBACK)


def opened_line(file: SqlFile) -> str:
    """What is special about a file that was opened; its name if nothing is."""
    mark, said = file.mark, []
    if mark.encoding != "utf-8":
        said.append(f"{ENCODING_NAMES[mark.encoding]}, saved as that")
    if mark.has_mixed_ends:
        said.append("its lines end in several ways, which saving makes one (it asks first)")
    elif mark.newline == "\r\n":
        said.append("its lines end in CR LF, saved like that")
    return f"Opened {visible(os.path.basename(mark.path))}" + (
        f": {'; '.join(said)}." if said else "."
    )


# -- saving ---------------------------------------------------------------------------------------


async def save(view: SqlView, tab: Tab) -> bool:
    """Save the text of a tab in its file, or else in one that is asked for; whether it was."""
    if tab.file is None:
        return await save_as(view, tab)
    if tab.file.has_mixed_ends and not await view.ask(_ends_question(tab.file), follows=True):
        return False
    return await _write(view, tab, tab.file, known=True)


async def save_as(view: SqlView, tab: Tab) -> bool:
    """Save the text of a tab under a name that is asked for, as UTF-8; whether it was."""
    folder = folder_of(view)
    name = os.path.basename(tab.file.path) if tab.file is not None else ".sql"
    typed = await view.ask(
        AskText(
            "Save as",
            "The path of the file; ~ is your home folder.",
            value=f"{folder}{os.sep}{name}",
            check=path_problems,
        ),
        follows=True,
    )
    if not typed:
        return False
    path = str(await view.services.transfers.folders.resolve(typed, folder))
    newline = tab.file.newline if tab.file is not None else "\n"
    return await _write(view, tab, FileMark(path, newline=newline), known=False)


def path_problems(typed: str) -> list[str]:
    """What is wrong with the path of a file to save."""
    if not typed.strip() or typed.endswith(os.sep):
        return ["Type the name of a file, behind its folder."]
    if os.path.basename(typed) == ".sql":
        return ["Type a name in front of .sql."]
    return ["A path has no NUL character in it."] if "\0" in typed else []


async def _write(view: SqlView, tab: Tab, mark: FileMark, *, known: bool) -> bool:
    text = view.tabs.current.text if view.tabs.model.current is tab else tab.text
    others = await asyncio.to_thread(other_names, mark.path)
    try:
        written = await asyncio.to_thread(write_sql_file, text, mark, known=known)
    except ChangedOnDiskError as error:
        # Only what is there now may be replaced: it may change again before the answer.
        now = await asyncio.to_thread(digest_on_disk, mark.path)
        there = FileMark(mark.path, mark.encoding, mark.newline, now)
        return await _ask_about_other(view, tab, there, error)
    tab.saved, tab.file = text, written
    view.tabs.draw_names()
    view.say(saved_line(written, others))
    return True


def saved_line(mark: FileMark, others: int) -> str:
    """What was saved, and which names of the file still have the old text."""
    said = f"Saved {visible(mark.path)}."
    if others:
        names = "another name" if others == 1 else f"{others:,} other names"
        said += f" The file had {names} (hard links), which keep the old text."
    return said


async def _ask_about_other(view: SqlView, tab: Tab, there: FileMark, error: ServiceError) -> bool:
    choices = [
        Choice(_Instead.ELSEWHERE, "Save under another name", key="n"),
        Choice(_Instead.LOOK, "Open what is on disk in another tab", key="o"),
        Choice(_Instead.REPLACE, "Replace it", "what is on disk now is lost", key="r"),
    ]
    answer = await view.ask(Choose(error.message, choices), follows=True)
    if answer is _Instead.REPLACE:
        return await _write(view, tab, there, known=True)
    if answer is _Instead.ELSEWHERE:
        return await save_as(view, tab)
    if answer is _Instead.LOOK:
        file = await _read(view, there.path)
        if file is not None:
            # Not as the tab of that file: two tabs would then write over each other.
            view.tabs.new(file.text)
    return False


def _ends_question(mark: FileMark) -> Confirm:
    end = "CR LF" if mark.newline == "\r\n" else "LF"
    return Confirm(
        f"End every line in {end}?",
        f"The lines of {visible(os.path.basename(mark.path))} end in several ways (LF, CR LF, CR, "
        f"form feed …). Saved from here, all of them end in {end}.",
        yes="Save",
    )


def folder_of(view: SqlView) -> Path:
    """The folder of the tab's file, or else of another tab's, or else where the application was
    started."""
    tabs = [view.tabs.model.current, *reversed(view.tabs.model.tabs)]
    found = (Path(tab.file.path).parent for tab in tabs if tab.file is not None)
    return next(found, view.services.transfers.folders.start)
