"""The search of the help keeps the rows in which every word occurs."""

from __future__ import annotations

from tui.screens.help import HelpRow, narrowed

UPLOAD: HelpRow = ("u", "Upload", "Upload files and folders.", "upload")
DELETE: HelpRow = ("x", "Delete", "Delete the marked objects.", "delete")
ROLLBACK: HelpRow = ("Ctrl+B F10", "Roll back", "Undo the open transaction.", "rollback")
SECTIONS = [("S3", [UPLOAD, DELETE]), ("SQL", [ROLLBACK])]


def test_words_are_found_in_keys_labels_texts_and_names() -> None:
    assert narrowed(SECTIONS, "FOLDERS upload") == [("S3", [UPLOAD]), ("SQL", [])]
    assert narrowed(SECTIONS, "ctrl+b") == [("S3", []), ("SQL", [ROLLBACK])]
    assert narrowed(SECTIONS, "back undo") == [("S3", []), ("SQL", [ROLLBACK])]
    assert narrowed(SECTIONS, "rollback") == [("S3", []), ("SQL", [ROLLBACK])]


def test_nothing_typed_keeps_everything() -> None:
    assert narrowed(SECTIONS, "  ") == SECTIONS
