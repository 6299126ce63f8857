"""Backslash commands, found and cut as psql does."""

from __future__ import annotations

import pytest

from tui.services.errors import ServiceError
from tui.services.sql import SqlError, split
from tui.services.sql.psql import commands_of, has_commands
from tui.services.sql.psql.patterns import conditions, regexes


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\\dt", [("dt", ())]),
        ("\\dt;", [("dt", ())]),
        ("\\d users;", [("d", ("users",))]),
        ("\\d  a  b ", [("d", ("a", "b"))]),
        ('\\d "My Table".x', [("d", ('"My Table".x',))]),
        ("\\d 'it''s'", [("d", ("it's",))]),
        (r"\echo 'a\tb\x41\101' c", [("echo", ("a\tbAA", "c"))]),
        ("\\dt \\dn", [("dt", ()), ("dn", ())]),
        ("\\dt a\\dn b", [("dt", ("a",)), ("dn", ("b",))]),
        ("\\echo x \\\\ \\dt", [("echo", ("x",)), ("dt", ())]),
        ("-- first\n\\dt", [("dt", ())]),
        ("/* x */ \\d+ t", [("d+", ("t",))]),
        ("\\copy t from 'a \\b.csv'", [("copy", ("t", "from", "a \b.csv"))]),
        ("\\?", [("?", ())]),
        ("\\!ls -l", [("!", ("ls", "-l"))]),
        ("\\d 'open", [("d", ("open",))]),
        ('\\d "open', [("d", ('"open',))]),
    ],
)
def test_commands_are_cut_like_psql(line: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    (statement,) = split(line)
    assert [(each.name, each.arguments) for each in commands_of(statement)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "select '\\dt'",
        "select $$\n\\dt\n$$",
        "/*\n\\dt\n*/ select 1",
        "-- \\dt\nselect 1",
        'select 1 as "\n\\dt"',
        "select E'\\\\'",
    ],
)
def test_a_backslash_inside_a_string_or_comment_is_no_command(text: str) -> None:
    assert not has_commands(split(text))
    (statement,) = split(text)
    assert commands_of(statement) == ()


def test_a_command_is_found_wherever_it_stands() -> None:
    assert has_commands(split("\\dt"))
    assert has_commands(split("select 1;\n  \\dt"))
    assert not has_commands(split("select 1"))


def test_a_statement_is_sent_by_g() -> None:
    statements = split("select 1 \\gx\nselect 2 \\g")
    first, second = (commands_of(each)[0] for each in statements)
    assert (first.name, first.sends and first.sends.text) == ("gx", "select 1")
    assert (second.name, second.sends and second.sends.text) == ("g", "select 2")
    assert second.sends is not None
    assert second.sends.start == "select 1 \\gx\nselect 2 \\g".index("select 2")


def test_a_command_inside_a_statement_is_refused_and_never_sent() -> None:
    (statement,) = split("delete from t \\dt")
    with pytest.raises(SqlError) as caught:
        commands_of(statement)
    assert caught.value.message == "\\dt stands in a statement that is not ended."
    assert caught.value.offset == len("delete from t ")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("foo", ["^(foo)$"]),
        ("FOO", ["^(foo)$"]),
        ('"FOO"', ["^(FOO)$"]),
        ("f*o?", ["^(f.*o.)$"]),
        ('"f*o?"', [r"^(f\*o\?)$"]),
        ("a.b", ["^(a)$", "^(b)$"]),
        ('"a.b"', [r"^(a\.b)$"]),
        ('a."x""y".*', ["^(a)$", '^(x"y)$', "^(.*)$"]),
        ("a$b", [r"^(a\$b)$"]),
        ("int[]", [r"^(int\[])$"]),
        ("[ab]+", ["^([ab]+)$"]),
        ("(a|b)", ["^((a|b))$"]),
        ("Übung", ["^(Übung)$"]),
    ],
)
def test_patterns_become_the_expressions_of_psql(pattern: str, expected: list[str]) -> None:
    assert regexes(pattern) == expected


def test_a_hostile_pattern_stays_a_constant() -> None:
    (found,) = conditions("x'; drop table t --\\", name="c.relname")
    assert found == (
        "c.relname OPERATOR(pg_catalog.~) E'^(x''; drop table t --\\\\)$' "
        "COLLATE pg_catalog.default"
    )


def test_what_is_visible_counts_only_without_a_schema() -> None:
    ways = {"name": "c.relname", "schema": "n.nspname", "visible": "seen"}
    assert conditions("", **ways) == ["seen"]  # type: ignore[arg-type]  # strings all of them
    assert conditions("*", **ways) == ["seen"]  # type: ignore[arg-type]  # as above
    assert conditions("*.*", **ways) == []  # type: ignore[arg-type]  # as above
    assert len(conditions("s.x", **ways)) == 2  # type: ignore[arg-type]  # as above
    with pytest.raises(ServiceError, match="too many dotted names"):
        conditions("a.b.c.d", **ways)  # type: ignore[arg-type]  # as above
