"""What is marked among the files of this machine: counted, in order, and only what can be sent."""

from __future__ import annotations

from pathlib import Path

from tui.services.transfers import EntryKind, LocalEntry
from tui.widgets.file_picker.marked import MarkedEntries

IN, BELOW = Path("/in"), Path("/in/below")


def entry(name: str, kind: EntryKind = EntryKind.FILE, folder: Path = IN) -> LocalEntry:
    size = 10 if kind is EntryKind.FILE else None
    return LocalEntry(name, folder / name, kind, size, None, is_link=False)


A, B, SUB, PIPE = (
    entry("a"),
    entry("b"),
    entry("sub", EntryKind.FOLDER),
    entry("pipe", EntryKind.SPECIAL),
)


def test_marks_are_counted_and_stay_in_their_order_across_folders() -> None:
    marked = MarkedEntries()
    marked.toggle(B, IN)
    marked.add([entry("a", folder=BELOW)], BELOW)
    for each in (SUB, A, A, PIPE):
        marked.toggle(each, IN)
    assert list(marked.paths) == [IN / "b", BELOW / "a", IN / "sub"]
    assert (len(marked), marked.folders, marked.bytes) == (3, 1, 20)
    assert marked.names_in(IN) == {"b", "sub"}
    assert list(marked.rows([A, B, PIPE, SUB], IN)) == [1, 3]
    assert list(marked.rows([A], Path("/else"))) == []
    marked.clear()
    assert (list(marked.paths), marked.folders, marked.bytes) == ([], 0, 0)


def test_all_files_that_are_shown_are_marked_or_none_if_all_are() -> None:
    marked = MarkedEntries()
    marked.toggle(A, IN)
    marked.toggle_files([A, B, SUB, PIPE], IN)
    assert list(marked.paths) == [IN / "a", IN / "b"]
    marked.toggle(SUB, IN)
    marked.toggle_files([A, B, SUB, PIPE], IN)
    assert list(marked.paths) == [IN / "sub"]
    assert marked.bytes == 0
