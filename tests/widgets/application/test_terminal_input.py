"""What is typed reaches the application through the event loop."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.events import Key, Paste
from textual.message import Message

from tui.widgets.application.terminal_input import TerminalInput


class Typist:
    """A terminal, and what came of what was typed there."""

    def __init__(self) -> None:
        self.keyboard, self.terminal = pty.openpty()
        tty.setraw(self.terminal)
        self.input = TerminalInput(self.terminal, asyncio.get_running_loop(), debug=False)
        self._came: asyncio.Queue[Message] = asyncio.Queue()
        self.input.begin(self._came.put_nowait)

    def type(self, text: bytes) -> None:
        os.write(self.keyboard, text)

    async def key(self) -> str:
        message = await self.message()
        assert isinstance(message, Key)
        return message.key

    async def message(self) -> Message:
        return await asyncio.wait_for(self._came.get(), 30)


@asynccontextmanager
async def typist() -> AsyncIterator[Typist]:
    typist = Typist()
    try:
        yield typist
    finally:
        typist.input.end()
        os.close(typist.keyboard)
        os.close(typist.terminal)


async def test_keys_come_in_order_whatever_bytes_come_together() -> None:
    async with typist() as at:
        euro = "€".encode()
        at.type(b"a\x1b[B" + euro[:1])
        assert [await at.key(), await at.key()] == ["a", "down"]
        at.type(euro[1:] + b"\x1b[200~two\nlines\x1b[201~")
        assert await at.key() == "euro_sign"
        pasted = await at.message()
        assert isinstance(pasted, Paste)
        assert pasted.text == "two\nlines"


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        (b"\x1btselect", ["alt+t", *"select"]),
        (b"\x1bt\x1bmx", ["alt+t", "alt+m", "x"]),
        (b"\x1b\x1bOR\x1bt1", ["escape", "f3", "alt+t", "1"]),
        (b"\x1b\x1btx", ["escape", "alt+t", "x"]),
        (b"\x1b[B\x1bt\x1b[A", ["down", "alt+t", "up"]),
        (b"\x1b[1;3Bt", ["alt+down", "t"]),
        (b"\x1bfx\x1bt", ["ctrl+right", "x", "alt+t"]),
        (b"\x1b\xc3\xa9x", ["alt+é", "x"]),
    ],
)
async def test_a_key_with_alt_is_one_whatever_comes_with_it(typed: bytes, keys: list[str]) -> None:
    for split in {len(typed), 1}:
        async with typist() as at:
            for start in range(0, len(typed), split):
                at.type(typed[start : start + split])
                while select.select([at.terminal], [], [], 0)[0]:
                    await asyncio.sleep(0)
            assert [await at.key() for _ in keys] == keys


async def test_what_is_pasted_has_no_keys_with_alt() -> None:
    async with typist() as at:
        at.type(b"\x1b[200~a\x1bt" + b"b\x1b[201~\x1btx")
        came = [await at.message()]
        while not isinstance(came[-1], Paste):
            came.append(await at.message())
        assert "alt+t" not in [each.key for each in came if isinstance(each, Key)]
        assert [await at.key(), await at.key()] == ["alt+t", "x"]


async def test_a_character_may_come_byte_by_byte_and_bytes_that_are_none_end_nothing() -> None:
    async with typist() as at:
        for byte in "é".encode():
            at.type(bytes([byte]))
            while select.select([at.terminal], [], [], 0)[0]:
                await asyncio.sleep(0)
        character = await at.message()
        assert isinstance(character, Key)
        assert character.character == "é"
        # Of a terminal that is set to Latin-1.
        at.type(b"\xe9a")
        assert isinstance(await at.message(), Key)
        assert await at.key() == "a"


async def test_a_sequence_that_cannot_be_read_does_not_end_the_reading_of_keys() -> None:
    loop, said = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(lambda loop, context: said.set())
    async with typist() as at:
        at.type(b"\x1b[9999999;1u")  # the number of a character that there is not
        await asyncio.wait_for(said.wait(), 30)
        at.type(b"a")
        assert await at.key() == "a"
    loop.set_exception_handler(None)


async def test_an_escape_behind_which_nothing_comes_is_a_key() -> None:
    async with typist() as at:
        at.type(b"\x1b")
        assert await at.key() == "escape"
        at.type(b"b")
        assert await at.key() == "b"


async def test_nothing_is_read_any_more_at_the_end() -> None:
    async with typist() as at:
        at.input.end()
        at.type(b"for another program")
        assert os.read(at.terminal, 100) == b"for another program"
        # It was ended before it could begin, as when the application ends at once.
        at.input.begin(lambda message: None)
        assert not asyncio.get_running_loop().remove_reader(at.terminal)


async def test_a_terminal_that_is_gone_is_told_and_does_not_keep_the_event_loop_busy() -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, told.set)
    try:
        at = Typist()
        os.close(at.keyboard)
        await asyncio.wait_for(told.wait(), 30)
        assert not at.input.reads
        at.input.end()
        os.close(at.terminal)
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
