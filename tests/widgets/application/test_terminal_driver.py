"""A terminal that is gone holds nobody up."""

from __future__ import annotations

import contextlib
import os
import pty
import threading
import tty
from pathlib import Path
from typing import TextIO, cast

from textual._xterm_parser import XTermParser
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.events import Key

from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.application.terminal_driver import TerminalDriver, read_alt_and_figures
from tui.widgets.application.terminal_output import LastingFile, TerminalOutput


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


def test_what_the_terminal_does_not_take_at_once_comes_behind_it_and_in_order() -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    with open(slave, "w", encoding="utf-8") as terminal:
        file = LastingFile(terminal)
        output = TerminalOutput(file)
        texts = [f"{number}→" * 5000 for number in range(10)]
        # Nobody reads: it takes the beginning only, in the middle of a character perhaps.
        queued = [output.write(text) for text in texts]
        assert queued == ["", *texts[1:]]

        def write_queued() -> None:
            for text in queued:
                if text is not None:
                    file.write(text)
            file.flush()

        thread = threading.Thread(target=write_queued)
        thread.start()
        whole, seen = "".join(texts).encode(), b""
        while len(seen) < len(whole):
            seen += os.read(master, 65536)
        thread.join()
        assert seen == whole
        # The thread has written all: what comes now is written at once again.
        assert output.write("at once") is None
        assert os.read(master, 100) == b"at once"
        output.close()
        assert output.write("by the thread") == "by the thread"
        file.write("by the thread")
        file.flush()
        assert os.read(master, 100) == b"by the thread"
        output.open()
        assert output.write("at once") is None
        output.close()
    os.close(master)


def test_a_signal_that_comes_in_the_midst_of_a_write_may_write() -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    with open(slave, "w", encoding="utf-8") as terminal:

        class Interrupted(LastingFile):
            def encoded(self, text: str) -> bytes:
                if text == "drawn":
                    assert output.write("leave, ") is None
                return super().encoded(text)

        output = TerminalOutput(Interrupted(terminal))
        writer = threading.Thread(target=output.write, args=("drawn",), daemon=True)
        writer.start()
        writer.join(20)
        assert not writer.is_alive()
        assert os.read(master, 100) == b"leave, drawn"
        output.close()
    os.close(master)


def test_the_application_uses_the_driver_that_survives_its_terminal() -> None:
    assert OrderlyApp(Path("faults")).get_driver_class() is TerminalDriver


def test_alt_and_a_figure_is_that_key_and_the_letters_of_a_mac_are_themselves() -> None:
    read_alt_and_figures()
    parser = XTermParser()
    keys = [each for each in parser.feed("\x1b1\x1b9£") if isinstance(each, Key)]
    assert [each.key for each in keys[:2]] == ["alt+1", "alt+9"]
    assert keys[2].character == "£"
