"""So many are inside at a time, whoever gives up and however the number changes."""

from __future__ import annotations

import asyncio

from tui.services.gate import Gate


async def test_a_gate_lets_in_so_many_in_the_order_of_asking() -> None:
    gate = Gate(2)
    inside: list[int] = []
    go = [asyncio.Event() for _ in range(5)]

    async def enter(number: int) -> None:
        async with gate:
            inside.append(number)
            await go[number].wait()

    tasks = [asyncio.create_task(enter(number)) for number in range(5)]
    await turns()
    assert inside == [0, 1]
    tasks[2].cancel()
    go[0].set()
    await turns()
    assert inside == [0, 1, 3]
    gate.change(None)
    await turns()
    assert inside == [0, 1, 3, 4]
    for event in go:
        event.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    gate.change(1)
    async with gate:
        pass


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
