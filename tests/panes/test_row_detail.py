"""The detail of the row under the cursor: when it is read, and which answer is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tui.panes.row_detail import REST, DetailText, RowDetail, Subject
from tui.services.errors import ErrorKind, ServiceError


class Call:
    """A call that is due when the test says so."""

    def __init__(self, seconds: float, call: Callable[[], None]) -> None:
        self.seconds = seconds
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Rows:
    """A list with a cursor, and a service that answers when the test says so."""

    def __init__(self) -> None:
        self.at: str | None = "a"
        self.asked: list[str] = []
        self.answers: dict[str, asyncio.Future[DetailText]] = {}
        self.calls: list[Call] = []
        self.reads: list[asyncio.Task[None]] = []
        self.drawn = 0
        self.detail = RowDetail(self.subject, self.start, self.draw, self.later)

    def subject(self) -> Subject | None:
        name = self.at
        return None if name is None else Subject(name, f"row {name}", lambda: self.read(name))

    async def read(self, name: str) -> DetailText:
        self.asked.append(name)
        self.answers[name] = asyncio.get_running_loop().create_future()
        return await self.answers[name]

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.reads.append(asyncio.create_task(work()))

    def draw(self) -> None:
        self.drawn += 1

    def later(self, seconds: float, call: Callable[[], None]) -> Call:
        self.calls.append(Call(seconds, call))
        return self.calls[-1]

    async def move(self, name: str | None) -> None:
        self.at = name
        self.detail.moved()
        await asyncio.sleep(0)

    async def rest(self) -> None:
        """Let the time pass for which the cursor has to rest."""
        due = [each for each in self.calls if not each.cancelled]
        self.calls.clear()
        for each in due:
            each.call()
        await asyncio.sleep(0)

    async def answer(self, name: str, text: str = "") -> None:
        self.answers[name].set_result(DetailText(text or f"all of {name}"))
        await self.settle()

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    @property
    def shown(self) -> tuple[str, str]:
        """The title and the text."""
        detail = self.detail
        title = detail.subject.title if detail.subject else ""
        return title, detail.text.text if detail.text else ""


async def rows_with_a() -> Rows:
    """With the detail of `a` on the screen."""
    rows = Rows()
    rows.detail.turn(True)
    await rows.settle()
    await rows.answer("a")
    assert rows.shown == ("row a", "all of a")
    return rows


async def test_without_a_place_on_the_screen_nothing_is_done_for_a_key() -> None:
    rows = Rows()
    await rows.move("b")
    assert (rows.asked, rows.calls, rows.drawn) == ([], [], 0)


async def test_nothing_is_asked_or_drawn_while_the_cursor_moves() -> None:
    rows = await rows_with_a()
    drawn = rows.drawn
    for name in "bcd":
        await rows.move(name)
    assert rows.asked == ["a"]
    assert rows.drawn == drawn
    assert rows.shown == ("row a", "all of a")
    assert [each.seconds for each in rows.calls if not each.cancelled] == [REST]
    await rows.rest()
    assert rows.asked == ["a", "d"]
    assert rows.shown == ("row d", "")
    assert rows.detail.is_reading
    await rows.answer("d")
    assert rows.shown == ("row d", "all of d")


async def test_an_answer_that_comes_after_the_next_request_is_not_shown() -> None:
    rows = await rows_with_a()
    for name in "bc":
        await rows.move(name)
        await rows.rest()
    await rows.answer("c")
    await rows.answer("b")
    assert rows.shown == ("row c", "all of c")


async def test_the_row_that_is_shown_is_not_asked_for_again() -> None:
    rows = await rows_with_a()
    await rows.move("b")
    await rows.move("a")
    await rows.rest()
    assert rows.asked == ["a"]
    assert rows.shown == ("row a", "all of a")


async def test_an_error_stands_in_place_of_the_text_and_the_next_look_asks_again() -> None:
    rows = await rows_with_a()
    await rows.move("b")
    await rows.rest()
    denied = ServiceError("You may not read it.", kind=ErrorKind.DENIED)
    rows.answers["b"].set_exception(denied)
    await rows.settle()
    assert rows.detail.error == denied
    assert rows.shown == ("row b", "")
    await rows.move("b")
    await rows.rest()
    await rows.answer("b")
    assert rows.shown == ("row b", "all of b")


async def test_a_read_that_was_cancelled_is_asked_for_again() -> None:
    rows = await rows_with_a()
    await rows.move("b")
    await rows.rest()
    rows.reads[-1].cancel()
    await rows.settle()
    assert rows.shown == ("", "")
    await rows.move("b")
    await rows.rest()
    await rows.answer("b")
    assert rows.shown == ("row b", "all of b")


async def test_without_a_row_nothing_is_shown() -> None:
    rows = await rows_with_a()
    await rows.move(None)
    await rows.rest()
    assert rows.shown == ("", "")
    assert not rows.detail.is_reading


async def test_turned_off_it_forgets_what_it_waited_for() -> None:
    rows = await rows_with_a()
    await rows.move("b")
    rows.detail.turn(False)
    await rows.rest()
    assert rows.asked == ["a"]
    assert rows.shown == ("", "")
