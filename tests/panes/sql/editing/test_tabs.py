"""The tabs of the editor, and the line that names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.panes.sql.conftest import OpenPane
from tui.panes.sql.editing import tabs as tabs_module
from tui.panes.sql.editing.tab_strip import TabStrip, first_shown, labels_of
from tui.panes.sql.editing.tabs import EditorTabs, first_words
from tui.services.sql.files.kept_tabs import KeptTab, KeptTabs
from tui.services.sql.files.sql_files import FileMark

FILE = FileMark("/home/me/report.sql")


def with_texts(*texts: str) -> EditorTabs:
    """Tabs with these texts, the last one shown."""
    tabs = EditorTabs()
    tabs.current.text = texts[0]
    for text in texts[1:]:
        tabs.new(text)
    return tabs


def shown(tabs: EditorTabs) -> list[str]:
    """The texts in order, the one that is shown in brackets."""
    return [f"[{t.text}]" if t is tabs.current else t.text for t in tabs.tabs]


def test_a_new_tab_comes_behind_the_one_that_is_shown() -> None:
    tabs = with_texts("a", "b")
    assert tabs.go(0)
    tabs.new("new")
    assert shown(tabs) == ["a", "[new]", "b"]
    assert len({tab.id for tab in tabs.tabs}) == 3


def test_going_by_number_and_by_step() -> None:
    tabs = with_texts("a", "b", "c")
    assert tabs.step(1)
    assert shown(tabs) == ["[a]", "b", "c"]
    assert tabs.step(-1)
    assert tabs.go(1)
    assert shown(tabs) == ["a", "[b]", "c"]
    assert not tabs.go(1)
    assert not tabs.go(3)
    assert not with_texts("alone").step(1)


@pytest.mark.parametrize(
    ("at", "closes", "left"),
    [(0, 0, ["[b]", "c"]), (1, 1, ["a", "[c]"]), (2, 2, ["a", "[b]"]), (2, 0, ["b", "[c]"])],
)
def test_the_tab_behind_a_closed_one_is_shown(at: int, closes: int, left: list[str]) -> None:
    tabs = with_texts("a", "b", "c")
    tabs.go(at)
    tabs.close(tabs.tabs[closes])
    assert shown(tabs) == left


def test_the_last_tab_leaves_an_empty_one_and_comes_back() -> None:
    tabs = with_texts("only")
    tabs.close(tabs.current)
    assert shown(tabs) == ["[]"]
    assert tabs.reopen() is tabs.current
    assert shown(tabs) == ["[only]"]
    assert tabs.reopen() is None


def test_closed_tabs_come_back_the_last_one_first_and_the_oldest_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tabs = with_texts(*(f"text {n}" for n in range(30)))
    for tab in list(tabs.tabs):
        tabs.close(tab)
    assert len(tabs.closed) == tabs_module.CLOSED
    back = tabs.reopen()
    assert back is not None
    assert back.text == "text 29"
    monkeypatch.setattr(tabs_module, "CLOSED_CHARACTERS", 5)
    tabs.close(back)
    assert [tab.text for tab in tabs.closed] == ["text 29"]


def test_an_empty_tab_is_not_kept_when_it_is_closed() -> None:
    tabs = with_texts("a", " \n")
    tabs.close(tabs.current)
    assert tabs.closed == []


def test_what_closing_would_lose() -> None:
    tabs = EditorTabs()
    assert tabs.current.is_kept_elsewhere
    assert not with_texts("select 1").current.is_kept_elsewhere
    opened = tabs.new("in file", FILE)
    assert opened.is_kept_elsewhere
    # Emptied, the file still holds the text: what is lost is the change.
    for changed in ("in file, changed", ""):
        opened.text = changed
        assert opened.is_changed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("\n  select   1", "select 1"),
        ("-- what it is\n\nselect 2", "select 2"),
        ("-- only a comment", "only a comment"),
        ("select a, b, c from t where d", "select a, b, c fr…"),
    ],
)
def test_a_title_is_made_of_the_first_words(text: str, words: str) -> None:
    assert first_words(text) == words


def test_the_line_marks_what_is_shown_and_what_differs_from_its_file() -> None:
    tabs = with_texts("select 1", "")
    tabs.new("x", FILE).text = "y"
    texts = [each.text for each in labels_of(tabs.tabs, tabs.active)]
    assert texts == [" 1 select 1 ", " 2 empty ", "[3 report.sql*]"]


def test_hostile_names_are_drawn_as_pictures_and_cut() -> None:
    tabs = EditorTabs()
    tabs.new("", FileMark("/x/\x1b[31m[red]\n🙂" + "é" * 300 + ".sql"))
    text = labels_of(tabs.tabs, 1)[1].text
    assert "\x1b" not in text
    assert "\n" not in text
    assert len(text) < 40


def test_the_active_tab_is_in_view_in_a_narrow_line() -> None:
    tabs = with_texts(*(f"select {n} from t" for n in range(9)))
    for at in range(9):
        labels = labels_of(tabs.tabs, at)
        first = first_shown(labels, 60)
        assert first <= at
        assert sum(len(each.text) for each in labels[first : at + 1]) <= 60
    assert first_shown(labels_of(tabs.tabs, 0), 60) == 0


def test_an_earlier_run_comes_back_with_what_was_typed_since() -> None:
    tabs = EditorTabs()
    tabs.current.text = "typed"
    kept = KeptTabs((KeptTab(1, "a"), KeptTab(3, "b", (0, 1), FILE, is_saved=True)), 1)
    assert tabs.take(kept, {1, 2, 3}) == "b"
    assert shown(tabs) == ["a", "[typed]"]
    # The file holds the text of before.
    assert tabs.current.saved == "b"
    assert tabs.new().id == 4


def test_a_tab_that_was_opened_before_the_earlier_ones_came_is_kept() -> None:
    tabs = EditorTabs()
    tabs.current.text = "first"
    tabs.new("second")
    kept = KeptTabs((KeptTab(1, "a"), KeptTab(2, "b")), 0)
    assert tabs.take(kept, {1, 2}) == "a"
    assert sorted(each.text for each in tabs.tabs) == ["b", "first", "second"]
    assert len({each.id for each in tabs.tabs}) == 3


def test_a_file_that_was_opened_before_the_earlier_ones_came_stays_one() -> None:
    tabs = EditorTabs()
    tabs.current.text, tabs.current.file = "select 1", FILE
    kept = KeptTabs((KeptTab(1, "a"), KeptTab(2, "b")), 0)
    assert tabs.take(kept, {1, 2}) == ""
    assert shown(tabs) == ["a", "b", "[select 1]"]
    assert tabs.current.file == FILE
    assert len({each.id for each in tabs.tabs}) == 3


def test_the_line_is_there_for_a_file_whose_label_is_the_same() -> None:
    strip = TabStrip()
    (plain,) = with_texts("").tabs
    strip.show([plain], 0)
    assert not strip.display
    strip.labels = labels_of([replace(plain, file=FILE)], 0)
    strip.show([replace(plain, file=FILE)], 0)
    assert strip.display


async def test_tabs_by_key_and_across_a_restart(open_pane: OpenPane, tmp_path: Path) -> None:
    async with open_pane(size=(80, 24)) as driver:
        await driver.write("select 'first'")
        await driver.press("alt+t")
        await driver.write("select 'second', 2")
        await driver.sees(" 1 select 'first' ", "[2 select 'second', 2]")
        await driver.press("alt+1", "!", "alt+2", "ctrl+z", "ctrl+pagedown")
        assert driver.pane.editor.text == "select 'first'!"
        # The steps of each text are its own.
        await driver.press("ctrl+z", "ctrl+pageup")
        assert driver.pane.editor.text == "select 'second', 2"
        await driver.press("left", "left")
    async with open_pane(size=(80, 24)) as driver:
        await driver.sees(" 1 select 'first' ", "[2 select 'second', 2]")
        assert driver.pane.editor.cursor_location == (0, 16)
        await driver.press("alt+w")
        await driver.sees("Close the tab “select 'second', 2”?", "Its text is in no file.")
        await driver.press("ctrl+s")
        await driver.until(lambda: driver.pane.editor.text == "select 'first'", "the other tab")
        assert not driver.pane.tabs.strip.display
        await driver.press("alt+shift+t")
        assert driver.pane.editor.text == "select 'second', 2"
    assert (tmp_path / "state" / "editor.tab-2.sql").read_text() == "select 'second', 2"
