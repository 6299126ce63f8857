"""The texts of the editor's tabs on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.services.errors import ServiceError
from tui.services.sql.files.kept_tabs import KeptTab, KeptTabs, TabsOnDisk
from tui.services.sql.files.sql_files import FileMark, read_sql_file


def only(text: str) -> KeptTabs:
    """A text in the only tab there is."""
    return KeptTabs((KeptTab(1, text),))


async def texts(disk: TabsOnDisk) -> list[str]:
    """What an earlier run left."""
    return [tab.text for tab in (await disk.load()).kept.tabs]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "editor.sql"


@pytest.mark.parametrize("text", ["select 1;\r\n\ttabs\n", "🙂 [/] \x1b[31m \u2028"])
async def test_a_text_comes_back_as_it_was_and_is_private(path: Path, text: str) -> None:
    disk = TabsOnDisk(path)
    assert await texts(disk) == []
    await disk.save(only("earlier"))
    await disk.save(only(text))
    disk.close()
    assert await texts(TabsOnDisk(path)) == [text]
    names = {"editor.sql", "editor.tabs.json", ".editor.sql.lock"}
    assert {each.name for each in path.parent.iterdir()} == names
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}


async def test_tabs_cursors_files_and_closed_texts_come_back(path: Path) -> None:
    file = FileMark("/home/me/a.sql", "utf-8-sig", "\r\n", "abc", has_mixed_ends=True)
    kept = KeptTabs(
        (
            KeptTab(1, "select 1", (0, 3)),
            KeptTab(4, "select 2", (0, 8), file, is_saved=True),
            KeptTab(2),
        ),
        1,
        (KeptTab(3, "closed"),),
    )
    disk = TabsOnDisk(path)
    await disk.load()
    await disk.save(kept)
    disk.close()
    loaded = await TabsOnDisk(path).load()
    assert loaded.kept == kept
    assert loaded.problems == ()
    assert loaded.taken == {1, 3, 4}


async def test_the_text_of_a_version_without_tabs_is_the_first_tab(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("select 'of old'")
    loaded = await TabsOnDisk(path).load()
    assert [(tab.id, tab.text) for tab in loaded.kept.tabs] == [(1, "select 'of old'")]


async def test_a_text_that_is_neither_open_nor_closed_any_more_leaves_the_disk(path: Path) -> None:
    disk = TabsOnDisk(path)
    await disk.load()
    await disk.save(KeptTabs((KeptTab(1, "a"), KeptTab(2, "b"))))
    assert (path.parent / "editor.tab-2.sql").read_text() == "b"
    await disk.save(only("a"))
    assert not (path.parent / "editor.tab-2.sql").exists()
    disk.close()


async def test_a_text_that_cannot_be_read_is_left_alone_and_said(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe")
    disk = TabsOnDisk(path)
    loaded = await disk.load()
    assert loaded.kept.tabs == ()
    assert len(loaded.problems) == 1
    assert f"{path} is left as it is" in loaded.problems[0]
    # The number under which it stands is not given to another text.
    assert loaded.taken == {1}
    await disk.save(KeptTabs((KeptTab(2, "typed since"),)))
    assert path.read_bytes() == b"\xff\xfe"
    disk.close()
    again = await TabsOnDisk(path).load()
    assert [tab.text for tab in again.kept.tabs] == ["typed since"]
    assert len(again.problems) == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"active": 0, "tabs": [{}], "closed": []}',
        b'{"active": 0, "tabs": 3, "closed": []}',
        b"[" * 100_000,
        b"\xff",
        b'{"active": 0, "closed": [], "tabs": [{"id": 1, "cursor": [0, 0], "is_saved": true, '
        b'"is_in_file_only": false, "file": {"path": "a", "encoding": "no", "newline": "", '
        b'"digest": "", "has_mixed_ends": false}}]}',
    ],
)
async def test_no_text_is_lost_with_a_damaged_list_of_tabs(path: Path, damage: bytes) -> None:
    disk = TabsOnDisk(path)
    await disk.load()
    await disk.save(KeptTabs((KeptTab(1, "first"), KeptTab(2, "second")), 1, (KeptTab(3, "gone"),)))
    disk.close()
    index = path.parent / "editor.tabs.json"
    index.write_bytes(damage)
    disk = TabsOnDisk(path)
    loaded = await disk.load()
    assert [tab.text for tab in loaded.kept.tabs] == ["first", "second", "gone"]
    assert "was damaged" in loaded.problems[0]
    assert (path.parent / "editor.tabs.json.damaged").read_bytes() == damage
    disk.close(loaded.kept)
    assert (await TabsOnDisk(path).load()).problems == ()


async def test_applications_side_by_side_never_write_over_each_other(path: Path) -> None:
    first, second = TabsOnDisk(path), TabsOnDisk(path)
    assert (await texts(first), await texts(second)) == ([], [])
    await first.save(only("of the first"))
    await second.save(KeptTabs((KeptTab(1, "of the second"), KeptTab(2, "its other"))))
    await first.save(only("of the first, later"))
    first.close()
    second.close(KeptTabs((KeptTab(1, "of the second, at the end"), KeptTab(2, "its other"))))
    for name in ("editor.sql", "editor.tabs.json"):
        os.utime(path.parent / name, ns=(1, 1))
    # The newest that nobody holds comes back first, the other is not forgotten.
    third, fourth = TabsOnDisk(path), TabsOnDisk(path)
    assert await texts(third) == ["of the second, at the end", "its other"]
    assert await texts(fourth) == ["of the first, later"]


async def test_texts_are_taken_over_from_an_application_that_was_killed(path: Path) -> None:
    holding = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import asyncio, pathlib, sys\n"
            "from tui.services.sql.files.kept_tabs import KeptTab, KeptTabs, TabsOnDisk\n"
            "async def main():\n"
            "    disk = TabsOnDisk(pathlib.Path(sys.argv[1]))\n"
            "    await disk.load()\n"
            "    tabs = KeptTab(1, 'of the other'), KeptTab(2, 'second', (0, 4))\n"
            "    await disk.save(KeptTabs(tabs, 1))\n"
            "    print('held', flush=True)\n"
            "    sys.stdin.read()\n"
            "asyncio.run(main())",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holding.stdout is not None
    assert holding.stdout.readline() == b"held\n"
    beside = TabsOnDisk(path)
    assert await texts(beside) == []
    beside.close()
    holding.kill()
    holding.communicate()
    loaded = await TabsOnDisk(path).load()
    assert [tab.text for tab in loaded.kept.tabs] == ["of the other", "second"]
    assert (loaded.kept.active, loaded.kept.tabs[1].cursor) == (1, (0, 4))


async def test_what_is_saved_before_anything_was_loaded_replaces_nothing(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("of the last run")
    TabsOnDisk(path).close(only("typed and quit at once"))
    assert path.read_text() == "of the last run"
    assert (path.parent / "editor-2.sql").read_text() == "typed and quit at once"


async def test_nothing_is_written_after_the_last_text(path: Path) -> None:
    disk = TabsOnDisk(path)
    await disk.load()
    disk.close(only("last"))
    disk._save(only("late"))
    assert path.read_text() == "last"


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    disk = TabsOnDisk(tmp_path / "file" / "editor.sql")
    with pytest.raises(ServiceError, match="could not be read"):
        await disk.load()
    with pytest.raises(ServiceError, match="could not be written"):
        await disk.save(only("text"))


async def test_a_password_in_a_saved_file_comes_back_from_the_file_only(path: Path) -> None:
    file = path.parent / "roles.sql"
    path.parent.mkdir()
    file.write_text("alter user u password 'hunter2'")
    read = read_sql_file(str(file))
    disk = TabsOnDisk(path)
    await disk.load()
    disk.close(KeptTabs((KeptTab(1, read.text, (0, 0), read.mark, is_saved=True),)))
    assert "hunter2" not in path.read_text()
    disk = TabsOnDisk(path)
    tab = (await disk.load()).kept.tabs[0]
    assert (tab.text, tab.is_saved) == (read.text, True)
    disk.close()
    # Once the file holds something else, what is kept is no longer what is in it.
    file.write_text("changed")
    tab = (await TabsOnDisk(path).load()).kept.tabs[0]
    assert tab.is_saved is False
    assert "password not kept" in tab.text


async def test_after_a_crash_a_text_newer_than_its_file_is_not_called_saved(path: Path) -> None:
    file = path.parent / "a.sql"
    path.parent.mkdir()
    file.write_bytes(b"select 1\r\n")
    read = read_sql_file(str(file))
    disk = TabsOnDisk(path)
    await disk.load()
    disk.close(KeptTabs((KeptTab(1, read.text, (0, 0), read.mark, is_saved=True),)))
    disk = TabsOnDisk(path)
    assert (await disk.load()).kept.tabs[0].is_saved
    disk.close()
    # The text was written, and the index was not any more.
    path.write_text("select 1, 2\n")
    assert not (await TabsOnDisk(path).load()).kept.tabs[0].is_saved
