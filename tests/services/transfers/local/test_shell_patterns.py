"""What the braces of a typed word stand for."""

from __future__ import annotations

import pytest

from tui.services.transfers.local.shell_patterns import alternatives


@pytest.mark.parametrize(
    ("word", "means"),
    [
        # As bash has them.
        ("f{1,3}.log", ["f1.log", "f3.log"]),
        ("{a,{b,c}d}e", ["ae", "bde", "cde"]),
        ("{,x}y", ["y", "xy"]),
        ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
        ("{08..10}", ["08", "09", "10"]),
        ("{1..10..4}", ["1", "5", "9"]),
        ("{3..1}", ["3", "2", "1"]),
        ("{a..c}", ["a", "b", "c"]),
        ("{x{a,b}}", ["{xa}", "{xb}"]),
        ("x{a,b}{", ["xa{", "xb{"]),
        # Without a meaning.
        ("{c}.txt", ["{c}.txt"]),
        ("{}", ["{}"]),
        ("{a,b", ["{a,b"]),
        ("'{a,b}'", ["'{a,b}'"]),
        ("\\{a,b}", ["\\{a,b}"]),
        ("${HOME,x}", ["${HOME,x}"]),
        # More than anybody means.
        ("{1..999999}", ["{1..999999}"]),
        ("{1..%s}" % ("9" * 5000), ["{1..%s}" % ("9" * 5000)]),
        ("{a,b}" * 15, ["{a,b}" * 15]),
    ],
)
def test_braces_stand_for_each_of_what_is_in_them(word: str, means: list[str]) -> None:
    assert alternatives(word) == means
