"""Which forms a value has, and what each of them shows."""

from __future__ import annotations

import pytest

from tui.services.sql.value_forms import LONGEST_TEXT, ValueForm, ValueLooks, bytes_of

STORED, TREE, LAID_OUT = ValueForm.STORED, ValueForm.TREE, ValueForm.LAID_OUT
HEX, TEXT, PICTURE = ValueForm.HEX, ValueForm.TEXT, ValueForm.PICTURE


def looks(type_name: str, value: str) -> ValueLooks:
    found = ValueLooks(type_name, value)
    found.read()
    return found


@pytest.mark.parametrize(
    ("type_name", "value", "forms"),
    [
        ("jsonb", '{"a": 1}', [TREE, STORED]),
        ("json", "[]", [TREE, STORED]),
        ("jsonb", "12", [STORED]),
        ("text", '{"a": [1]}', [STORED, TREE]),
        ("text", "{1,2}", [STORED]),
        ("text", "[draft] a note", [STORED]),
        ("text", '{"cut": ', [STORED]),
        ("integer[]", "{}", [STORED]),
        ("text", "{}", [STORED]),
        ("xml", "<a><b/></a>", [LAID_OUT, STORED]),
        ("xml", "<a>1</a>", [STORED]),
        ("character varying", " <a><b/></a>", [STORED, LAID_OUT]),
        ("text", "<- see there", [STORED]),
        ("bytea", "\\x00ff", [HEX, STORED]),
        ("bytea", "\\x6869", [HEX, TEXT, STORED]),
        ("bytea", "\\x89504e470d0a1a0a00", [PICTURE, HEX, STORED]),
        ("bytea", "\\x", [HEX, STORED]),
        ("text", "\\x00ff", [STORED]),
        pytest.param("bytea", "\\x" + "61" * (LONGEST_TEXT + 1), [HEX, STORED], id="long bytes"),
        pytest.param("xml", "<a><b/>" + " " * LONGEST_TEXT + "</a>", [STORED], id="long XML"),
    ],
)
def test_a_value_has_the_forms_of_its_type_and_content(
    type_name: str, value: str, forms: list[ValueForm]
) -> None:
    found = looks(type_name, value)
    assert list(found.forms) == forms
    assert found.drawn(STORED) == value


def test_bytes_are_those_of_either_output_format() -> None:
    assert bytes_of("\\x00ff5c41") == b"\x00\xff\\A"
    assert bytes_of("\\000\\377\\\\A") == b"\x00\xff\\A"
    long = bytes(range(256)) * 10_000
    assert bytes_of("\\x" + long.hex()) == long


def test_what_is_not_shown_is_said() -> None:
    long = looks("bytea", "\\x" + "00" * (1024 * 1024 + 1))
    assert len(long.drawn(HEX).splitlines()) == 1024 * 1024 // 16
    assert long.note(HEX) == "1,048,577 bytes  ·  hex  ·  the first 1.0 MiB of it"
    assert long.note(STORED) == "1,048,577 bytes  ·  as stored"
    layout = looks("xml", "<a><b/></a>")
    assert "not those that are stored" in layout.note(LAID_OUT)
    assert looks("text", "plain").note(STORED) == "5 characters"
