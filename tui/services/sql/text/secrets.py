"""Secrets in a statement that is kept: found by its tokens, and inside of strings and comments by
the patterns that find passwords in any text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tui.services.sql.text.lexer import Token, TokenKind, has_any, tokens
from tui.services.sql.text.passwords import NOT_KEPT, without_passwords

_WORTH_A_LOOK = (
    "pass", "pwd", "secret", "token", "credential", "key", "crypt", "hmac", "user", "role", "group",
    "identified", "://",
)  # fmt: skip

_NAME = re.compile(
    r"(?:.*[._])?(?:ssl|pg|db|new_?|old_?|user_?)?(?:pass(?:word|wd|phrase|code)?|pwd|secret|secret_?key"
    r"|api_?key|access_?key|private_?key|(?:secret_)?access_?key|(?:[a-z]+_)?token"
    r"|credentials?)",
    re.IGNORECASE,
)
"""A column, an option or a setting whose value is secret."""

_BETWEEN = frozenset({"=", ":", ">", "<", "!", "("})
_WORDS_BETWEEN = frozenset({"TO", "BY"})
"""What may stand between such a name and its value."""

_MOST_BETWEEN = 4

_END = "\nEND_OF_TEXT"
"""A word behind the text: it is the last token, unless a quote or a comment is open."""

_OF_SECRETS = re.compile(
    r"CRYPT|(?:EN|DE)CRYPT(?:_IV)?|HMAC|PGP_(?:SYM|PUB)_(?:EN|DE)CRYPT(?:_BYTEA)?"
    r"|CREATE_AWS_CREDENTIALS"
)
"""Functions whose strings are, or may be, passwords or keys."""

_OF_PAIRS = re.compile(r"SET_CONFIG|HSTORE|JSONB?_(?:BUILD_)?OBJECT|FORMAT")
"""Functions in which a string may name the one behind it."""


def without_secrets(text: str, *, backslash_escapes: bool = False) -> tuple[str, int]:
    """A statement without the secrets in it that can be told, and how many were left out.

    Where a literal was, a comment says so: run as it is, the statement fails.
    """
    if not has_any(text, _WORTH_A_LOOK):
        return text, 0
    *found, last = tokens(text + _END, backslash_escapes=backslash_escapes)
    secret = set(_secret(found))
    if last.word != _END.strip():
        # A quote is open: to the tokens, what is outside of it may be inside.
        at = [(token, NOT_KEPT, 1) for token in found if token in secret]
        kept, count = _replaced(text, at)
        kept, more = without_passwords(kept)
        return kept, count + more
    replacements, end = [], 0
    for token in found:
        if token.start > end:
            comment = Token(TokenKind.SYMBOL, text[end : token.start], end, token.start)
            replacements.append((comment, *without_passwords(comment.text)))
        end = token.end
        if token in secret:
            replacements.append((token, NOT_KEPT, 1))
        elif token.text[:1] == "$" and token.kind is TokenKind.STRING:
            mark = token.text[: token.text.index("$", 1) + 1]
            body = token.text[len(mark) : -len(mark)]
            kept, count = without_secrets(body, backslash_escapes=backslash_escapes)
            replacements.append((token, f"{mark}{kept}{mark}", count))
        elif token.kind is TokenKind.STRING:
            # Not with its last quote, which would begin a password behind `'password`.
            kept, count = without_passwords(token.text[:-1])
            replacements.append((token, kept + token.text[-1], count))
    rest = Token(TokenKind.SYMBOL, text[end:], end, len(text))
    return _replaced(text, [*replacements, (rest, *without_passwords(rest.text))])


def _replaced(text: str, replacements: Sequence[tuple[Token, str, int]]) -> tuple[str, int]:
    """The text with other pieces in the place of some, and how many secrets that left out."""
    parts, at = [], 0
    for token, kept, _ in replacements:
        parts += [text[at : token.start], kept]
        at = token.end
    return "".join([*parts, text[at:]]), sum(count for _, _, count in replacements)


@dataclass
class _Parenthesis:
    """One that is open."""

    function: str
    """The word in front of it."""
    item: int = 0
    """How many commas came in it."""
    names_secret: bool = False
    """Whether the string before the last comma names a secret."""
    is_columns: bool = False
    """Whether it lists the columns of an INSERT."""


@dataclass
class _Insert:
    """What an INSERT said so far."""

    secret_items: set[int] = field(default_factory=set)
    """Places of the columns whose values are secret."""
    in_values: bool = False


def _secret(all_tokens: Sequence[Token]) -> list[Token]:
    """The strings that are secret, in order."""
    is_role = _changes_role(all_tokens)
    found: list[Token] = []
    around = [_Parenthesis("")]
    insert = _Insert()
    for number, token in enumerate(all_tokens):
        inner = around[-1]
        before = all_tokens[number - 1] if number else None
        if token.kind is TokenKind.STRING:
            if is_role and token.text[:1] != "\\":
                is_secret = before is None or before.word != "UNTIL"
            else:
                is_secret = (
                    bool(_OF_SECRETS.fullmatch(inner.function))
                    or inner.names_secret
                    or _is_value_of_secret(all_tokens, number)
                    or _is_inserted_secret(around, insert)
                )
            if is_secret:
                found.append(token)
            inner.names_secret = (
                inner.names_secret and inner.function == "FORMAT"
            ) or _names_secret(inner, token)
        elif token.text == "(":
            opened = _Parenthesis(before.word if before is not None else "")
            opened.is_columns = not insert.in_values and _follows_into(all_tokens, number)
            around.append(opened)
        elif token.text == ")":
            if len(around) > 1:
                around.pop()
        elif token.text == ",":
            inner.item += 1
        elif inner.is_columns and _NAME.fullmatch(_name_of(token)):
            insert.secret_items.add(inner.item)
        elif token.word == "VALUES":
            insert.in_values = True
        elif token.word == "SET" and is_role:
            # ALTER ROLE … SET search_path = 'x': a setting, not a password.
            is_role = False
    return found


def _changes_role(all_tokens: Sequence[Token]) -> bool:
    words = [token.word for token in all_tokens[:3]]
    return (
        words[:1] in (["CREATE"], ["ALTER"])
        and words[1:2] in (["ROLE"], ["USER"], ["GROUP"])
        and words[2:3] != ["MAPPING"]
    )


def _name_of(token: Token) -> str:
    if token.kind is TokenKind.QUOTED:
        return token.text.strip('"')
    return token.word


def _is_value_of_secret(all_tokens: Sequence[Token], number: int) -> bool:
    """Whether `name = 'value'`, `name 'value'`, `name TO 'value'` … stand there."""
    for back in range(1, _MOST_BETWEEN + 2):
        if number < back:
            return False
        token = all_tokens[number - back]
        if token.text in _BETWEEN or token.word in _WORDS_BETWEEN:
            continue
        is_identified = token.word == "IDENTIFIED" and all_tokens[number - back + 1].word == "BY"
        return is_identified or bool(_NAME.fullmatch(_name_of(token)))
    return False


def _names_secret(inner: _Parenthesis, token: Token) -> bool:
    """Whether a string in a call says that the next one is secret."""
    if not _OF_PAIRS.fullmatch(inner.function):
        return False
    if inner.function == "FORMAT":
        return "password" in token.text.lower()
    return bool(_NAME.fullmatch(token.text.strip("'")))


def _follows_into(all_tokens: Sequence[Token], number: int) -> bool:
    """Whether a parenthesis opens behind INSERT INTO and the name of a table."""
    for back in range(1, 8):
        if number < back:
            return False
        token = all_tokens[number - back]
        if token.word == "INTO":
            return back > 1
        if not (token.word or token.kind is TokenKind.QUOTED or token.text == "."):
            return False
        if token.word in {"VALUES", "SELECT", "OVERRIDING"}:
            return False
    return False


def _is_inserted_secret(around: Sequence[_Parenthesis], insert: _Insert) -> bool:
    if not (insert.in_values and insert.secret_items) or len(around) < 2:
        return False
    # The row is the outermost parenthesis; what is called inside it belongs to its item.
    return around[1].item in insert.secret_items
