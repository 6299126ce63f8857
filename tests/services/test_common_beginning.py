"""Where two texts begin to differ."""

from __future__ import annotations

import random

from tui.services.common_beginning import common_beginning


def test_the_first_difference() -> None:
    dice = random.Random(3)
    for size in (0, 1, 2, 7, 1000):
        data = dice.randbytes(size)
        assert common_beginning(data, data + b"x") == size
        for at in range(0, size, 97):
            other = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            assert common_beginning(data, other) == at


def test_texts_and_one_that_begins_with_the_other() -> None:
    assert common_beginning("", "x") == 0
    assert common_beginning("é\U0001f600x", "é\U0001f600y") == 2
    assert common_beginning("abc", "abcd") == common_beginning("abcd", "abc") == 3
