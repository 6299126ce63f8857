"""Parameters in a statement, and the values in their places.

`:name` and `:'name'` stand for a value, `:"name"` for a name. A value is sent as a constant in
quotes, whose type the server chooses as for any such constant; so a parameter can stand wherever a
constant can, also where PostgreSQL's own `$1` cannot (DDL, COPY, SET). In psql `:name` would put
the value in as it is, to be read as SQL: here it never is.

`%(name)s` is no parameter: `5 %(a)` is SQL. Nor is what follows a colon that SQL itself has: a cast
(`::`), `:=`, the bounds of a slice (`a[1:n]`; a parameter there needs parentheses, `a[(:n)]`), and
the one between key and value in JSON_OBJECT and JSON_OBJECTAGG.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_literal
from tui.services.sql.text.lexer import Token, TokenKind, tokens
from tui.services.sql.text.statements import GivenValue, Statement

WORTH_A_LOOK = re.compile(r":[A-Za-z_\x80-\U0010ffff'\"]")
"""What every parameter has in it, and few other texts have."""

_NAME = r"[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*"
_PLAIN = re.compile(_NAME)
_QUOTED = re.compile(rf"(['\"])({_NAME})\1")

_SECRET = re.compile(r"pass|pwd|secret|token|credential|api_?key", re.IGNORECASE)

_WITH_COLON = frozenset({"JSON_OBJECT", "JSON_OBJECTAGG"})
"""Calls in which a colon stands between a key and its value."""

_BEFORE_OPERAND = frozenset(
    "AND AS BETWEEN CASE DISTINCT ELSE FROM IN IS KEY LIKE ILIKE NOT OR THEN VALUE WHEN".split()  # noqa: SIM905
)
"""Words behind which a value begins, so that a colon there cannot follow one."""

_BREAK = "/**/"
"""Between two constants on two lines, which would be one to the server."""

_STRINGS = frozenset({TokenKind.STRING, TokenKind.LIST})
_SYMBOLS = frozenset({TokenKind.SYMBOL, TokenKind.LIST})
_JOINED = _STRINGS | {TokenKind.WORD, TokenKind.NUMBER, TokenKind.QUOTED}


@dataclass(frozen=True)
class Parameter:
    """One place of a statement that a value is asked for."""

    name: str
    is_identifier: bool
    """Whether it stands for a name and not for a value."""
    start: int
    """Offset of its colon in the statement's text."""
    end: int


class BoundParameter(str):
    """A parameter among the values of `\\bind`, as it is written: its value goes to the server
    beside the text. Left as it is, it is sent as this text, as psql does."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Without its colon."""
        return self[1:]


def is_parameter(word: str) -> bool:
    """Whether a word is a parameter and nothing else."""
    return word[:1] == ":" and _PLAIN.fullmatch(word, 1) is not None


def asked_names(statement: Statement) -> list[tuple[str, bool]]:
    """The names of the parameters of a statement, those among the values of `\\bind`, too; each
    with whether it stands for a name."""
    among = [each.name for each in statement.bound or () if isinstance(each, BoundParameter)]
    own = parameters(statement)
    return [*((each.name, each.is_identifier) for each in own), *((name, False) for name in among)]


def parameters(statement: Statement) -> tuple[Parameter, ...]:
    """The parameters of a statement, in order; one that stands in several places comes several
    times."""
    if statement.keyword == "\\" or not WORTH_A_LOOK.search(statement.text):
        return ()
    return tuple(found for found, _ in _found(_tokens(statement)))


def bind(statement: Statement, values: Mapping[str, str | None]) -> Statement:
    """The statement with values in the place of its parameters. INVALID for a value that cannot be
    a name."""
    if statement.bound is not None:
        bound = tuple(_bound_value(each, values) for each in statement.bound)
        statement = replace(statement, bound=bound)
    found_tokens = _tokens(statement)
    found = _found(found_tokens)
    if not found:
        return statement
    text, at, length = statement.text, 0, 0
    parts: list[str] = []
    given: list[GivenValue] = []
    behind = {place + 1 for _, place in found}
    for parameter, place in found:
        value = values[parameter.name]
        before = found_tokens[place - 1] if place else None
        after = found_tokens[place + 2] if place + 2 < len(found_tokens) else None
        sent = _sent(parameter, value)
        if value is not None and not parameter.is_identifier:
            if before is not None and (before.kind is TokenKind.STRING or place - 1 in behind):
                sent = _BREAK + sent
            if after is not None and after.kind in _STRINGS:
                sent += _BREAK
        sent = f"{_gap_before(before, parameter)}{sent}{_gap_after(after, parameter)}"
        parts += [text[at : parameter.start], sent]
        start = length + parameter.start - at
        length = start + len(sent)
        given.append(
            GivenValue(parameter.name, value, start, length, parameter.start, parameter.end)
        )
        at = parameter.end
    sent_text = "".join([*parts, text[at:]])
    return replace(statement, text=sent_text, written=statement.shown, values=tuple(given))


def _bound_value(given: str, values: Mapping[str, str | None]) -> str:
    if not isinstance(given, BoundParameter):
        return given
    value = values[given.name]
    if value is None:
        raise ServiceError(
            f"{given} is NULL, which \\bind cannot give.",
            hint="Write NULL in the statement, or the parameter itself: select :name",
            kind=ErrorKind.INVALID,
        )
    return value


def is_secret(name: str) -> bool:
    """Whether the value of a parameter is not to be seen, by its name."""
    return bool(_SECRET.search(name))


def as_psql(statement: Statement) -> str:
    """A statement with its values for psql: a `\\set` for each, `\\prompt` for a secret one, and
    the parameters in the form in which psql quotes them. NULL, which no variable of psql can be,
    stands in its place."""
    lines: dict[str, str] = {}
    written, parts, at = statement.shown, [], 0
    for each in statement.values:
        parts.append(written[at : each.written_start])
        at = each.written_end
        if each.value is None:
            parts.append(" NULL ")
            continue
        if is_secret(each.name):
            lines[each.name] = f"\\prompt '{each.name}: ' {each.name}"
        else:
            lines[each.name] = f"\\set {each.name} '{''.join(map(_psql_escape, each.value))}'"
        is_identifier = written[each.written_start + 1] == '"'
        parts.append(f':"{each.name}"' if is_identifier else f":'{each.name}'")
    return "\n".join([*lines.values(), "".join([*parts, written[at:]])]) + ";"


def without_values(text: str, statement: Statement) -> str:
    """What a server said of a statement, with the names of parameters in the place of values."""
    for each in sorted(statement.values, key=lambda given: -len(given.value or "")):
        if each.value:
            # A short one stands in other words, too, unless it stands in quotes.
            is_short = len(each.value) < 4
            for said in (quote_literal(each.value), each.value.replace("'", "''"), each.value):
                text = text.replace(f'"{said}"' if is_short else said, f":{each.name}")
    return text


# -- finding them ---------------------------------------------------------------------------------


@dataclass
class _Bracket:
    """One that is open: `(` or `[`."""

    is_slice: bool = False
    """Whether a colon in it parts the bounds of a slice."""
    is_array: bool = False
    """Whether it lists the elements of an ARRAY."""
    has_pairs: bool = False
    """Whether a colon in it parts a key and its value."""
    in_value: bool = False
    """Whether that of the pair has come."""


def _tokens(statement: Statement) -> Sequence[Token]:
    found = statement.tokens
    for before, token in pairwise(found):
        if token.kind is TokenKind.LIST and before.text == ":" and before.end == token.start:
            # `:'a', 'b',`: the first of the list is a parameter.
            return tuple(tokens(statement.text, backslash_escapes=statement.backslash_escapes))
    return found


def _found(all_tokens: Sequence[Token]) -> list[tuple[Parameter, int]]:
    """The parameters with the number of the token that is their colon."""
    found: list[tuple[Parameter, int]] = []
    around = [_Bracket()]
    number = 0
    while number < len(all_tokens):
        token, inner = all_tokens[number], around[-1]
        before = all_tokens[number - 1] if number else None
        if token.kind is not TokenKind.SYMBOL:
            in_value = inner.in_value or token.word == "VALUE"
            inner.in_value = in_value and token.kind is not TokenKind.LIST
        elif token.text in "([":
            around.append(_opened(token, before, inner))
        elif token.text in ")]":
            if len(around) > 1:
                around.pop()
        elif token.text == ",":
            inner.in_value = False
        elif token.text == ":":
            after = all_tokens[number + 1] if number + 1 < len(all_tokens) else None
            parameter = None
            if after is not None and after.start == token.end:
                if after.text in {":", "="}:
                    number += 2
                    continue
                parameter = _parameter(token, after)
            if inner.has_pairs and not inner.in_value and _ends_operand(before):
                inner.in_value = True
            elif parameter is not None and not inner.is_slice:
                found.append((parameter, number))
                number += 1
        number += 1
    return found


def _opened(token: Token, before: Token | None, inner: _Bracket) -> _Bracket:
    if token.text == "(":
        return _Bracket(has_pairs=before is not None and before.word in _WITH_COLON)
    lists = before is not None and (
        before.word == "ARRAY" or (inner.is_array and before.text in {"[", ","})
    )
    return _Bracket(is_slice=not lists, is_array=lists)


def _parameter(colon: Token, after: Token) -> Parameter | None:
    if after.kind is TokenKind.WORD and _PLAIN.fullmatch(after.text):
        return Parameter(after.text, False, colon.start, after.end)
    quoted = _QUOTED.fullmatch(after.text)
    return Parameter(quoted[2], quoted[1] == '"', colon.start, after.end) if quoted else None


def _ends_operand(token: Token | None) -> bool:
    if token is None or token.word in _BEFORE_OPERAND:
        return False
    return token.text[-1] in ")]" if token.kind in _SYMBOLS else True


# -- what is sent for them ------------------------------------------------------------------------


def _sent(parameter: Parameter, value: str | None) -> str:
    if not parameter.is_identifier:
        return quote_literal(value)
    if not value or "\0" in value:
        raise ServiceError(
            f'The parameter :"{parameter.name}" stands for a name, which cannot be empty.',
            kind=ErrorKind.INVALID,
        )
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _gap_before(before: Token | None, parameter: Parameter) -> str:
    """A blank where what is sent would become one with the token before: `E` and `'x'`."""
    if before is None or before.end != parameter.start:
        return ""
    return " " if before.kind in _JOINED or before.text == "&" else ""


def _gap_after(after: Token | None, parameter: Parameter) -> str:
    if after is None or after.start != parameter.end:
        return ""
    return " " if after.kind in _JOINED or after.text[:1] == "$" else ""


def _psql_escape(character: str) -> str:
    if character == "'":
        return "''"
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "replace"))
