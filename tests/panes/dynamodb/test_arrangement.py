"""Filtering and sorting in slices gives what doing it at once gives, whatever happens meanwhile."""

from __future__ import annotations

import random

import pytest

from tui.panes import arranging
from tui.panes.dynamodb import arrangement
from tui.panes.dynamodb.arrangement import ItemArrangement, sort_key
from tui.services.dynamodb import AttributeValue, Item
from tui.services.dynamodb.values import NumberValue, StringValue


class Numbered:
    """Items by number, and how often the text of one was asked for."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}
        self.looks = 0
        self.arrangement = ItemArrangement(self.items, self.text_of)

    def text_of(self, number: int) -> str:
        self.looks += 1
        value = self.items[number]["text"]
        assert isinstance(value, StringValue)
        return value.text.casefold()

    def put(self, number: int, item: Item) -> None:
        is_new = number not in self.items
        self.items[number] = item
        self.arrangement.put(number, new=is_new)

    def remove(self, number: int) -> None:
        del self.items[number]
        self.arrangement.remove({number})

    def at_once(self, text: str, sort: arrangement.Sort | None) -> list[int]:
        numbers = sorted(self.items)
        if sort is not None:
            name, descending = sort
            there = [n for n in numbers if name in self.items[n]]
            there.sort(key=lambda n: sort_key(self.items[n][name]), reverse=descending)
            numbers = there + [n for n in numbers if name not in self.items[n]]
        return [n for n in numbers if text.casefold() in self.text_of(n)]


def item(choose: random.Random) -> Item:
    attributes: dict[str, AttributeValue] = {
        "text": StringValue("".join(choose.choices("abcA", k=4)))
    }
    if choose.random() < 0.8:
        number = NumberValue(str(choose.randrange(9)))
        attributes["n"] = number if choose.random() < 0.5 else StringValue("x")
    return Item(attributes)


@pytest.mark.parametrize("seed", range(40))
def test_what_comes_and_goes_meanwhile_ends_up_where_it_belongs(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arranging, "SLICE", 0)
    monkeypatch.setattr(arranging, "RUN", 7)
    choose = random.Random(seed)
    numbered = Numbered()
    for number in range(30):
        numbered.put(number, item(choose))
    for _ in range(6):
        text = choose.choice(["", "a", "AB", "abc"])
        sort = choose.choice([None, ("n", False), ("n", True)])
        for _ in numbered.arrangement.steps(text, sort):
            if choose.random() < 0.3:
                number = choose.randrange(60)
                if number in numbered.items and choose.random() < 0.5:
                    numbered.remove(number)
                else:
                    numbered.put(number, item(choose))
            if choose.random() < 0.02:
                break  # given up, as for another letter
        else:
            assert numbered.arrangement.is_complete
            assert numbered.arrangement.shown == numbered.at_once(text, sort)
    for _ in numbered.arrangement.steps("a", ("n", True)):
        pass
    numbered.put(99, item(choose))
    assert numbered.arrangement.shown == numbered.at_once("a", ("n", True))


def test_a_further_letter_looks_only_at_what_is_left() -> None:
    numbered = Numbered()
    for number in range(100):
        numbered.put(number, Item({"text": StringValue("ab" if number < 3 else "b")}))
    assert list(numbered.arrangement.steps("a", None)) == []
    numbered.looks = 0
    assert list(numbered.arrangement.steps("ab", None)) == []
    assert numbered.looks == 3


def test_matches_are_shown_before_all_items_were_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "SLICE", 0)
    numbered = Numbered()
    for number in range(100):
        numbered.put(number, Item({"text": StringValue("a")}))
    steps = numbered.arrangement.steps("a", None)
    next(steps)
    assert numbered.arrangement.shown == [0]
    assert not numbered.arrangement.is_complete
