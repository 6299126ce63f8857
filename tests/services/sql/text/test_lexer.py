"""What many tokens at once are taken for is what they are taken for one by one."""

from __future__ import annotations

import random
import threading

import pytest

from tui.services.sql import Session, split
from tui.services.sql.text import lexer, refusals
from tui.services.sql.text.classify import called_names, classify
from tui.services.sql.text.lexer import Token, TokenKind, tokens
from tui.services.sql.text.parameters import parameters
from tui.services.sql.text.refusals import refuse_unsendable
from tui.services.sql.text.repeated_rows import compact_tokens
from tui.services.sql.text.statements import Statement

WORDS = (
    "select insert from into as . a E e' N' b' x'1' u&' U&\" ' ' '' '' \" \"\" \\ \\ $$ $$ $a$ $a$"
    " $ $1 1 1 , , , , 2.5 .5 1a 1a$b$ ; ; ; ( ) ( ) ( ) - -- / * /* */ /* */ /*x*/ é _ ::"
    " for update 'x', 1, 'y', 7, 8, xe' .E' E'a\\'b' a$ a1$ $a U & 'e' (1) (f('x',g())) + '--'"
)
PIECES = [*WORDS.split(" "), *"   \n\n\t\r\x0b\0", "'\n'", "'--c\n'", "\n--c'\n"]


def random_text(seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choices(PIECES, k=chance.randint(1, 60)))


def cut_by_tokens(text: str, *, escapes: bool) -> list[tuple[int, int]]:
    """Where the first token of each statement begins and its last one ends."""
    found: list[tuple[int, int]] = []
    now: list[Token] = []
    for token in tokens(text, backslash_escapes=escapes):
        is_end = token.text == ";" and token.depth == 0
        if not is_end:
            now.append(token)
        if now and (is_end or token.kind is TokenKind.BACKSLASH):
            found.append((now[0].start, now[-1].end))
        if is_end or token.kind is TokenKind.BACKSLASH:
            now = []
    return found + ([(now[0].start, now[-1].end)] if now else [])


def forget_patterns() -> None:
    """Those that were made with other limits."""
    lexer._stretch_pattern.cache_clear()
    lexer._simple_pattern.cache_clear()


@pytest.mark.parametrize("escapes", [False, True])
@pytest.mark.parametrize("first", range(0, 3000, 300))
def test_random_texts_are_split_where_their_tokens_say(
    first: int, escapes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if first % 600 == 0:
        # One match ends anywhere in the text.
        monkeypatch.setattr(lexer, "_MOST_PIECES", 3)
        monkeypatch.setattr(lexer, "_LONGEST_PIECE", 5)
        monkeypatch.setattr(lexer, "_MOST_TAKEN_BACK", 4)
    forget_patterns()
    for seed in range(first, first + 300):
        text = random_text(seed)
        statements = split(text, backslash_escapes=escapes)
        cuts = cut_by_tokens(text, escapes=escapes)
        assert [each.end for each in statements] == [end for _, end in cuts], text
        for statement, (start, end) in zip(statements, cuts, strict=True):
            assert statement.start <= start, text
            assert text[statement.start : end] == statement.text, text
            assert not list(tokens(text[statement.start : start])), text
    forget_patterns()


@pytest.mark.parametrize("escapes", [False, True])
def test_what_is_open_at_the_end_of_a_statement_is_known(escapes: bool) -> None:
    for seed in range(700):
        for statement in split(random_text(seed), backslash_escapes=escapes):
            if statement.keyword == "\\" or {";", "\\"} & set(statement.text):
                continue
            behind = split(f"{statement.text}\n;select 2", backslash_escapes=escapes)
            assert statement.is_closed == (behind[-1].text == "select 2"), statement.text


@pytest.mark.parametrize("first", range(0, 3000, 300))
def test_a_list_of_constants_stands_for_its_tokens(first: int) -> None:
    for seed in range(first, first + 300):
        text = random_text(seed)
        spread: list[Token] = []
        for token in tokens(text, lists=True):
            if token.kind is not TokenKind.LIST:
                spread.append(token)
                continue
            spread += [
                each._replace(
                    start=each.start + token.start, end=each.end + token.start, depth=token.depth
                )
                for each in tokens(token.text)
            ]
        assert spread == list(tokens(text)), text


CONSTANTS = [
    "1", "-1", "+2", ".5", "1.", "'x'", "''", "'a''b'", "E'a\\'b'", "null", "true", "U&'x'",
    "'a'\n'b'", "',('", "1a", "'--'", "falſe", "nulls", "$$x$$", "1 2",
]  # fmt: skip
OTHERS = [
    "now()", "a.b", "::int", "+", "-", "/", "*", ".", '"q"', "$1", ":", "into", "for update", "'",
    "e", "u", "&", "--x\n", "/*c*/", "/*a/*b*/*/", ")", "(",
]  # fmt: skip


def random_rows(seed: int) -> str:
    """Rows of two kinds, with any constants."""
    chance = random.Random(seed)
    kinds = [[chance.choice(["", *OTHERS]) for _ in range(chance.randint(1, 4))] for _ in range(2)]
    rows = []
    for _ in range(chance.randint(2, 8)):
        items = [
            other or chance.choice(CONSTANTS) + chance.choice(["", "", " "])
            for other in chance.choice(kinds)
        ]
        rows.append(f"({chance.choice([',', ', ', ' , '])[: chance.randint(1, 3)].join(items)})")
    return f"values {', '.join(rows)}{chance.choice(['', ' for update', ')', ' as v'])}"


@pytest.mark.parametrize("escapes", [False, True])
@pytest.mark.parametrize("first", [0, 100])
def test_rows_that_differ_in_their_constants_stand_for_their_tokens(
    first: int, escapes: bool
) -> None:
    found = 0
    for seed in range(first, first + 100):
        text = random_rows(seed)
        spread: list[Token] = []
        words = {"NULL", "TRUE", "FALSE", "DEFAULT"}
        for token in compact_tokens(text, backslash_escapes=escapes):
            if token.kind is not TokenKind.LIST:
                spread.append(token)
                words.add(token.word)
                continue
            found += token.text.endswith(")")
            for each in tokens(token.text, backslash_escapes=escapes):
                assert not each.word or each.word in words, text
                start, end = each.start + token.start, each.end + token.start
                depth = each.depth + token.depth
                spread.append(each._replace(start=start, end=end, depth=depth))
        assert spread == list(tokens(text, backslash_escapes=escapes)), text
    assert found > 10


def test_many_rows_are_a_few_tokens_and_read_the_same() -> None:
    rows = ", ".join(
        f"({number}, {'null' if number % 3 else -number}, 'it''s {number}', pg_notify('a', 'b')"
        f"{', now()' if number % 7 else ', 1'})"
        for number in range(2000)
    )
    (statement,) = split(f"insert into t values {rows} returning f(2)")
    assert len(statement.tokens) < 90
    assert called_names(statement) == {"values", "pg_notify", "now", "f"}
    (statement,) = split(f"select * from (values {rows}) as v (a, b, c, d, e) for update")
    assert classify(statement).locks


def test_a_parameter_is_found_in_each_of_many_rows() -> None:
    (statement,) = split("insert into t values " + ", ".join(["(:a, 1, 2::int)"] * 500))
    assert len(parameters(statement)) == 500


def test_a_long_list_of_constants_is_a_few_tokens_and_reads_the_same() -> None:
    numbers = ", ".join(str(number) for number in range(20_000))
    text = f"select * from t where id in ({numbers}) and f(1, 2, 'a') > 3 for update"
    (statement,) = split(text)
    assert statement.text == text
    assert len(statement.tokens) < 60
    assert classify(statement).locks
    assert called_names(statement) == {"in", "f"}


@pytest.mark.parametrize(
    "text",
    [
        "insert into t values " + ",\n".join(f"({n}, 'some name', now())" for n in range(9000)),
        "select * from t where a in (" + ",".join(f"'value {n}'" for n in range(20_000)) + ")",
        "select " + "(" * 3000 + "1" + ")" * 3000,
        "select '" + "a''b" * 50_000 + "'",
    ],
    ids=["rows", "list", "parentheses", "string"],
)
def test_a_long_statement_is_one(text: str) -> None:
    assert [each.text for each in split(f"{text};select 2")] == [text, "select 2"]


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * 10_000,
        "select " + "(a, " * 10_000,
        "'\"" * 50_000,
        "select '" + "'" * 400_000,
        "select 1 /*" + "x" * 1_000_000,
        "select /*" * 10_000,
        "select " + "$ " * 10_000,
        "select " + "E'\\' .E'x' " * 10_000,
        "select " + "a" * 400_000,
        "values " + "(--x\n1)," * 10_000,
        "values " + "(1, 'a'), " * 10_000 + "(",
        "select 1" + " " * 400_000,
    ],
    ids=lambda text: text[:18],
)
def test_no_text_takes_time_with_the_square_of_its_length(text: str) -> None:
    """With it, they would take minutes."""
    for escapes in (False, True):
        (statement,) = split(text, backslash_escapes=escapes)
        assert statement.text.rstrip() == text.rstrip()
        assert statement.tokens[-1].end <= len(text)


async def test_no_statement_is_read_on_the_event_loop(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def refuse(statement: Statement, *, backslash_escapes: bool) -> None:
        threads.append(threading.current_thread())
        refuse_unsendable(statement, backslash_escapes=backslash_escapes)

    monkeypatch.setattr(refusals, "refuse_unsendable", refuse)
    (statement,) = split("select 1")
    await session.run(statement)
    assert threads
    assert threading.main_thread() not in threads
