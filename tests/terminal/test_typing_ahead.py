"""Keys as fast as a terminal can send them, in a process that has loaded nothing yet."""

from __future__ import annotations

from tests.terminal.conftest import Opened


def test_a_form_is_filled_in_and_sent_in_one_go(on_sandbox: Opened) -> None:
    with on_sandbox() as terminal:
        terminal.wait_for("tristore-walkthrough", "ACTIVE")
        terminal.press("ncolder-alk-new-qd\x13")
        terminal.wait_for("Created colder-alk-new-qd")
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


def test_keys_while_the_first_table_of_a_process_loads_do_no_harm(on_sandbox: Opened) -> None:
    with on_sandbox("s3://tristore-walkthrough/csv/") as terminal:
        terminal.wait_for("file1.csv")
        terminal.press("\r\r\r\r\r\ry")
        # The table, or the cell that an Enter which came after it opened.
        shown = ("columns, separated by", "id, row 1")
        terminal.wait_until(lambda: any(each in terminal.text for each in shown), repr(shown))
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0


def test_keys_behind_those_that_open_a_screen_are_for_that_screen(on_sandbox: Opened) -> None:
    with on_sandbox() as terminal:
        terminal.wait_for("tristore-walkthrough", "ACTIVE")
        terminal.press("\x1b[19~xxx")  # F8; in the panes, x would ask whether to delete
        terminal.wait_for("Cleanup")
        assert "Delete?" not in terminal.text
        terminal.press("\x11")
        assert terminal.wait_for_exit() == 0
