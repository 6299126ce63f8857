"""Data whose lines the editor cannot show as they are in the file is not sent from there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tui.panes.sql.psql.running import _refuse_changed_data
from tui.services.sql import SqlError, split
from tui.services.sql.files.sql_files import FileMark

DUMP = "select 1;\ncopy t from stdin;\na\u2028b\n\\.\n"


def tab(*, has_mixed_ends: bool) -> Any:
    return SimpleNamespace(file=FileMark("/tmp/d.sql", has_mixed_ends=has_mixed_ends))


def test_data_of_a_file_with_several_ends_of_lines_is_run_from_the_file() -> None:
    with pytest.raises(SqlError) as caught:
        _refuse_changed_data(tab(has_mixed_ends=True), split(DUMP))
    assert caught.value.hint == "\\i '/tmp/d.sql' runs the file as it is."
    assert caught.value.offset == DUMP.index("copy")


def test_data_that_is_sent_in_other_bytes_than_in_the_file_is_not_sent() -> None:
    windows: Any = SimpleNamespace(file=FileMark("/tmp/d.sql", newline="\r\n"))
    latin: Any = SimpleNamespace(file=FileMark("/tmp/d.sql", encoding="latin-1"))
    csv = 'copy t from stdin csv;\n"a{}b"\n\\.\n'
    latin_1 = "copy t from stdin (encoding 'latin1');\n{}\n\\.\n"
    for changed, text in [(windows, csv.format("\n")), (latin, latin_1.format("é"))]:
        with pytest.raises(SqlError, match="would be changed"):
            _refuse_changed_data(changed, split(text))
    for same, text in [(windows, csv.format("")), (windows, DUMP), (latin, latin_1.format("e"))]:
        _refuse_changed_data(same, split(text))


def test_other_statements_of_it_and_other_files_are_run() -> None:
    _refuse_changed_data(tab(has_mixed_ends=True), split("select 1"))
    _refuse_changed_data(tab(has_mixed_ends=False), split(DUMP))
    _refuse_changed_data(None, split(DUMP))
