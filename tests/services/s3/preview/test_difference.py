"""What differs between two objects: the lines, where they stand, and what was not compared."""

from __future__ import annotations

import gzip
import random
from itertools import product

import pytest

from tests.hostile import HOSTILE_TEXT
from tui.services.s3.objects import Beginning
from tui.services.s3.preview import difference as rules
from tui.services.s3.preview.difference import Difference, DiffMark, difference
from tui.services.s3.preview.edit_path import matches


def of(data: bytes, size: int = 0) -> Beginning:
    return Beginning("b", "k", data, size or len(data), "")


def texts(found: Difference) -> list[str]:
    return [each.mark.value + each.text for each in found.lines if each.mark is not DiffMark.PLACE]


def longest_common(one: str, two: str) -> int:
    table = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for x, y in product(range(len(one)), range(len(two))):
        longer = max(table[x][y + 1], table[x + 1][y])
        table[x + 1][y + 1] = table[x][y] + 1 if one[x] == two[y] else longer
    return table[-1][-1]


def test_the_common_lines_are_as_many_as_can_be() -> None:
    dice = random.Random(1)
    for _ in range(300):
        one, two = ("".join(dice.choices("abc", k=dice.randrange(9))) for _ in range(2))
        found = matches(one, two)
        assert found is not None
        x = y = 0
        for run in found:
            assert run.old >= x
            assert run.new >= y
            x, y = run.old + run.size, run.new + run.size
            assert one[run.old : x] == two[run.new : y]
        assert sum(run.size for run in found) == longest_common(one, two)


def test_the_work_is_bounded() -> None:
    one, two = [f"a{n}" for n in range(50_000)], [f"b{n}" for n in range(50_000)]
    assert matches(one, two, 10_000) is None
    found = difference(of(b"1\n2\n3\n"), of(b"4\n2\n5\n"), most_steps=1)
    assert texts(found) == ["-1", "-2", "-3", "+4", "+2", "+5"]
    assert "Too different" in found.notes[0]


def test_changed_lines_stand_among_three_equal_ones_with_their_numbers() -> None:
    old = [f"line {n}" for n in range(1, 31)]
    new = [*old[:9], "other", *old[10:20], "more", *old[20:]]
    found = difference(of("\n".join(old).encode()), of("\n".join(new).encode()))
    assert found.said == "1 line removed, 2 lines added."
    assert [each.text for each in found.lines if each.mark is DiffMark.PLACE] == [
        "older from line 7, newer from line 7",
        "older from line 18, newer from line 18",
    ]
    assert texts(found)[:8] == [
        *(f" line {n}" for n in (7, 8, 9)),
        "-line 10",
        "+other",
        *(f" line {n}" for n in (11, 12, 13)),
    ]
    for each in found.lines:
        if each.mark is not DiffMark.PLACE:
            assert not each.old or old[each.old - 1] == each.text
            assert not each.new or new[each.new - 1] == each.text


def test_hunks_that_meet_show_no_line_twice() -> None:
    old = [str(n) for n in range(12)]
    new = ["x", *old[1:5], "y", *old[6:]]
    found = difference(of("\n".join(old).encode()), of("\n".join(new).encode()))
    assert texts(found) == ["-0", "+x", " 1", " 2", " 3", " 4", "-5", "+y", " 6", " 7", " 8"]


def test_random_texts_give_back_both_sides() -> None:
    dice = random.Random(2)
    for _ in range(200):
        old, new = (dice.choices("abcd", k=dice.randrange(1, 20)) for _ in range(2))
        one, two = ("".join(f"{each}\n" for each in side).encode() for side in (old, new))
        found = difference(of(one), of(two))
        seen_old = [each.old for each in found.lines if each.old]
        seen_new = [each.new for each in found.lines if each.new]
        assert seen_old == sorted(set(seen_old))
        assert seen_new == sorted(set(seen_new))
        for each in found.lines:
            if each.mark is DiffMark.SAME:
                assert old[each.old - 1] == new[each.new - 1] == each.text
        kept = len(old) - sum(each.mark is DiffMark.REMOVED for each in found.lines)
        assert kept == len(new) - sum(each.mark is DiffMark.ADDED for each in found.lines)


def test_identical_is_said() -> None:
    assert difference(of(b"a\0"), of(b"a\0")) == Difference("Identical.")
    assert difference(of(b""), of(b"")).said == "Identical."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (gzip.compress(b"a\n", 1, mtime=1), gzip.compress(b"a\n", 9, mtime=2), "same"),
        ("é\n".encode(), "é\n".encode("cp1252"), "same"),
        (b"a", b"a\n", "1 line removed, 1 line added."),
        (b"a\n", b"a\r\n", "1 line removed, 1 line added."),
        (b"", b"a\n", "0 lines removed, 1 line added."),
        (b"a\nb\n", b"", "2 lines removed, 0 lines added."),
    ],
)
def test_what_only_the_bytes_say_is_said(old: bytes, new: bytes, said: str) -> None:
    assert said in difference(of(old), of(new)).said


def test_packed_text_is_compared_by_what_it_holds() -> None:
    found = difference(of(gzip.compress(b"a\nb\n")), of(gzip.compress(b"a\nc\n")))
    assert texts(found) == [" a", "-b", "+c"]
    assert "Unpacked from gzip." in found.notes


def test_behind_the_last_common_line_of_a_cut_text_nothing_is_claimed() -> None:
    old, new = b"a\nb\nc\nd\ne", b"new\na\nb\nc\nd"
    found = difference(of(old, 100), of(new, 104))
    assert texts(found) == ["+new", " a", " b", " c"]
    assert "first 9 B of the older one (100 B)" in found.notes[0]
    assert "Compared to line 3 of the older and 4 of the newer one." in found.notes


def test_what_was_added_to_a_whole_text_is_found_though_the_newer_one_is_cut() -> None:
    found = difference(of(b"a\n"), of(b"a\nb\nc", 100))
    assert texts(found) == [" a", "+b"]


def test_no_more_lines_are_compared_than_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_LINES", 3)
    found = difference(of(b"a\n1\n2\n3\n"), of(b"b\n1\n2\n4\n"))
    assert texts(found) == ["-a", "+b", " 1", " 2"]
    assert "Compared to line 3" in found.notes[-1]


def test_the_first_byte_that_differs_is_shown_in_hex() -> None:
    old = bytes(range(200))
    new = old[:100] + b"\xff" + old[101:]
    found = difference(of(old), of(new))
    assert "first difference is at byte 100 (0x64)" in found.said
    marked = [each for each in found.lines if each.mark in {DiffMark.REMOVED, DiffMark.ADDED}]
    assert [each.text[:8] for each in marked] == ["00000060", "00000060"]
    assert "ff" in marked[1].text


def test_bytes_that_only_go_on_are_told_apart_from_bytes_that_were_not_read() -> None:
    assert "newer one goes on at byte 2" in difference(of(b"\0a"), of(b"\0ab")).said
    assert "No difference" in difference(of(b"\0a", 9), of(b"\0ab", 10)).said


@pytest.mark.parametrize("text", HOSTILE_TEXT)
def test_hostile_text_is_kept_as_it_is(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    found = difference(of(b"x\n"), of(b"x\n" + data))
    if found.lines[0].text.startswith("bytes"):
        return
    assert "\n".join(each.text for each in found.lines if each.mark is DiffMark.ADDED) in text
