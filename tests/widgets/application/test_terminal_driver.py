"""A terminal that is gone holds nobody up."""

from __future__ import annotations

import contextlib
import os
import pty
import threading
from pathlib import Path
from typing import TextIO, cast

from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.events import Key

from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.application.terminal_driver import (
    LastingFile,
    TerminalDriver,
    read_alt_and_figures,
)


def test_writes_to_a_closed_terminal_are_dropped_and_block_nobody() -> None:
    master, slave = pty.openpty()
    # What the closed terminal did not take fails once more when its file is closed.
    with contextlib.suppress(OSError), open(slave, "w") as terminal:
        writer = WriterThread(cast("TextIO", LastingFile(terminal)))
        writer.start()
        writer.write("seen")
        assert os.read(master, 100) == b"seen"
        os.close(master)

        def write_much() -> None:
            for _ in range(MAX_QUEUED_WRITES * 3):
                writer.write("not seen")
            writer.stop()

        caller = threading.Thread(target=write_much, daemon=True)
        caller.start()
        caller.join(20)
        assert not caller.is_alive()


def test_the_application_uses_the_driver_that_survives_its_terminal() -> None:
    assert OrderlyApp(Path("faults")).get_driver_class() is TerminalDriver


def test_alt_and_a_figure_is_that_key_and_the_letters_of_a_mac_are_themselves() -> None:
    read_alt_and_figures()
    parser = XTermParser()
    keys = [each for each in parser.feed("\x1b1\x1b9£") if isinstance(each, Key)]
    assert [each.key for each in keys[:2]] == ["alt+1", "alt+9"]
    assert keys[2].character == "£"
