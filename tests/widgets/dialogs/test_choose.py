"""A list to choose from takes letters: a choice's own key, or the beginning of a name."""

from __future__ import annotations

from tests.widgets.dialog_app import DialogApp
from tui.widgets.dialogs.choose import Choice, Choose


async def test_letters_lead_to_a_label_in_a_list_with_keys_too() -> None:
    app = DialogApp()
    choices = [
        Choice(1, "value", key="v"),
        Choice(2, "row as JSON", key="j"),
        Choice(3, "row as CSV", key="c"),
    ]
    async with app.run_test() as pilot:
        await app.show(pilot, Choose("Copy as", choices))
        await pilot.press("r", "o", "w", "space", "a", "s", "space", "c", "enter")
        await app.show(pilot, Choose("Copy as", choices))
        await pilot.press("c")
        assert app.answers == [3, 3]


async def test_letters_lead_to_a_label_in_a_list_without_keys() -> None:
    app = DialogApp()
    async with app.run_test() as pilot:
        await app.show(pilot, Choose("Which?", [Choice(n, n) for n in ("alpha", "beta", "jay")]))
        await pilot.press("b", "enter")
        await app.show(pilot, Choose("Which?", [Choice(n, n) for n in ("alpha", "beta", "jay")]))
        await pilot.press("j", "enter")
        assert app.answers == ["beta", "jay"]
