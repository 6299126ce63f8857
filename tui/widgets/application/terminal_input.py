"""What is typed, read by the event loop.

The thread that Textual reads with has to wait for Python's lock, twice for each key, which others
hold that compute. They give way to the event loop.
"""

from __future__ import annotations

import asyncio
import os
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress

from textual import constants
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui.widgets.application.alt_keys import AltKeys

ONCE = 4096
"""Bytes that are read at once."""

BEHIND = 0.005
"""Seconds behind the end of Textual's wait for what may follow an Escape."""


class TerminalInput:
    """Reads a terminal. Its methods are called by the thread of the event loop."""

    def __init__(self, descriptor: int, loop: asyncio.AbstractEventLoop, *, debug: bool) -> None:
        self._descriptor = descriptor
        self._loop = loop
        self._debug = debug
        self._parser = XTermParser(debug)
        self._alt_keys = AltKeys()
        # A byte that is no text must not be the last one that is read.
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._take: Callable[[Message], None] = lambda message: None
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self.reads = False
        """Whether it waits for what is typed."""

    def begin(self, take: Callable[[Message], None]) -> None:
        """Give what is typed to `take`, until `end`."""
        if not self._ended:
            self._take = take
            self._loop.add_reader(self._descriptor, self._read)
            self.reads = True

    def end(self) -> None:
        """Read no more."""
        if self._ended:
            return
        self._stop()
        self._ended = True
        with suppress(EOFError, ParseError):
            self._give(self._parser.feed(""))

    def _stop(self) -> None:
        self.reads = False
        self._loop.remove_reader(self._descriptor)
        if self._timer is not None:
            self._timer.cancel()
        self._take = lambda message: None

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            # The terminal is gone: the event loop would be told so without end.
            self._stop()
            # The system says so to the first program of the terminal alone, which may keep it to
            # itself, as make does.
            signal.raise_signal(signal.SIGHUP)
            return
        text = self._decoder.decode(data)
        if not text:
            return  # a part of a character; to the parser, no text is the end of all
        for part, ends_key in self._alt_keys.parts(text):
            self._give(self._parser.feed(part))
            if ends_key and self._parser._timeout_time is not None:  # noqa: SLF001
                # What follows is another key: there is nothing to wait for.
                self._parser._timeout_time = 0.0  # noqa: SLF001
                self._give(self._parser.tick())
        if self._timer is not None:
            self._timer.cancel()
        # An Escape is a key of its own if nothing follows.
        self._timer = self._loop.call_later(constants.ESCAPE_DELAY + BEHIND, self._tick)

    def _tick(self) -> None:
        self._give(self._parser.tick())

    def _give(self, messages: Iterable[Message]) -> None:
        try:
            for each in messages:
                self._take(each)
        except Exception:
            # A parser that has failed takes nothing more: without another one, no key would be read
            # any more.
            self._parser = XTermParser(self._debug)
            raise
