"""What the tests of the cleanup screen do by key."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from tests.driver import WIDE, Driver
from tests.screens.screen_app import showing
from tui.screens.cleanup import CleanupScreen
from tui.services.bundle import Services


async def inventory(driver: Driver) -> CleanupScreen:
    """Wait until the inventory is read."""
    await driver.until(
        lambda: (
            isinstance(driver.app.screen, CleanupScreen)
            and driver.app.screen.model.inventory.complete
        ),
        "the inventory",
    )
    screen = driver.app.screen
    assert isinstance(screen, CleanupScreen)
    await driver.until(lambda: screen.grid.rows or screen.model.inventory.empty, "its rows")
    return screen


async def cursor_on(driver: Driver, screen: CleanupScreen, name: str) -> None:
    def names() -> list[str]:
        return [getattr(row, "name", "") for row in screen.rows]

    await driver.until(lambda: name in names(), name)
    # The sandbox is shared and may hold a lot by now: pressing j that often takes too long.
    screen.grid.move_cursor(names().index(name))


async def plan(driver: Driver, *names: str) -> CleanupScreen:
    """Mark the named resources and make their plan."""
    screen = await inventory(driver)
    for name in names:
        await cursor_on(driver, screen, name)
        await driver.press("space")
    await driver.until(lambda: len(screen.model.marked) == len(names), "the marks")
    await driver.press("x")
    await driver.until(lambda: screen.model.plan is not None, "the plan")
    return screen


async def confirm(driver: Driver, *words: str) -> None:
    """Ask for the confirmation and type what is wanted."""
    await driver.press("x")
    for word in words:
        await driver.sees("To go on, type")
        await driver.press("shift+tab")
        await driver.type(word)
        await driver.press("enter")


async def report(driver: Driver) -> None:
    await driver.sees("Cleanup report")


def alone(
    services: Services, *, size: tuple[int, int] = WIDE
) -> AbstractAsyncContextManager[Driver]:
    """The cleanup screen without the panes."""
    return showing(CleanupScreen(services), services, size=size)
