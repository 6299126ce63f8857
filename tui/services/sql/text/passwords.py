"""Passwords in a text that is written to disk.

Found by patterns and not by tokens: a text that is being typed may have an open quote anywhere, and
to a lexer everything behind it would be something else than it is.
"""

from __future__ import annotations

import re

from tui.services.sql.text.lexer import has_any

NOT_KEPT = "/* password not kept */"
"""Stands for a literal: run as it is, the statement fails rather than set another password."""

_NOT_KEPT_INSIDE = "<password not kept>"
"""Stands for a password inside a literal or a URL: no server takes it."""

_LONGEST = 4000
"""Characters; an IAM token has some 2,000. Without limits a text in one line would take time with
the square of its length, and hold up the event loop, too: a pattern is matched under the
interpreter's lock."""

_AROUND = 300
"""Characters before and behind a password in which a connection string shows itself as one."""

_SUSPICIOUS_WORDS = ("pass", "identified", "://", "secret", "session_token", "crypt", "aws_cred")
_GAP = r"(?:\s++|/\*[^*]{0,300}\*/|--[^\n]{0,300}\n){0,20}+"
_KEYWORD = (
    r"(?<![a-z0-9_])(?:(?:ssl|pg)?pass(?:word|wd|phrase)"
    r"|(?:aws_)?(?:secret_access_key|session_token))(?![a-z0-9_])"
)
_CONSTANT = (
    r"(?:(?:[ebnx]|u&)?'(?:[^'\\\n]|\\.|'')*+(?:'|$)"
    r"(?:[ \t\r]*(?:--[^\n]{0,300})?\n\s*'[^'\n]*'){0,20}"
    rf"|\$(?P<tag>[a-z0-9_]*)\$[^\n]{{0,{_LONGEST}}}?(?:\$(?P=tag)\$|$)"
    r'|"[^"\n]+(?:"|$))'
)

_IN_URL = re.compile(
    # A password with an unescaped @ or / is still one; other schemes have paths with @ in them.
    r"(?P<head>\bpostgres(?:ql)?://[^\s:/@'\"]{0,200}:)(?P<secret>[^\s'\"]{1,4000})(?=@)"
    r"|(?P<other>\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@'\"]{0,200}:)(?P<elsewhere>[^\s/@'\"]{1,500})(?=@)",
    re.IGNORECASE,
)
_QUOTED_IN_LITERAL = re.compile(
    rf"(?P<head>{_KEYWORD}[ \t]*=[ \t]*)(?P<quote>''|\\')"
    rf"(?P<secret>[^'\n]{{1,{_LONGEST}}}?)(?P=quote)",
    re.IGNORECASE,
)
_LITERAL = re.compile(
    rf"(?P<head>(?:{_KEYWORD}\"?+|(?<![a-z0-9_])identified{_GAP}by){_GAP}(?:(?:=>|:=|=|:|<>|!=)|to\b)?{_GAP})"
    + _CONSTANT,
    re.IGNORECASE | re.MULTILINE,
)
_IN_CALL = re.compile(
    # The constant behind one that names a password, and those of functions that take one.
    rf"(?P<head>(?:(?:set_config|hstore|(?:build_)?object)\s*\([^()\n]{{0,300}}?'[^'\n]{{0,60}}{_KEYWORD}'"
    rf"\s*,|(?<![a-z0-9_])crypt\s*\(|create_aws_credentials\s*\(\s*'[^'\n]{{0,100}}'\s*,)\s*){_CONSTANT}",
    re.IGNORECASE | re.MULTILINE,
)
_BARE = re.compile(
    rf"(?P<head>{_KEYWORD}[ \t]*=[ \t]*)(?P<secret>(?:\\.|[^\s'\"\\&$<])(?:\\.|[^\s'\"\\&])*)",
    re.IGNORECASE,
)
_CONNECTION_WORD = re.compile(
    r"\b(?:host|hostaddr|port|dbname|user|service|sslmode)[ \t]*=", re.IGNORECASE
)


def without_passwords(text: str) -> tuple[str, int]:
    """`text` without the passwords in it, and how many were left out."""
    if not has_any(text, _SUSPICIOUS_WORDS):
        return text, 0
    count = 0

    def inside(found: re.Match[str]) -> str:
        nonlocal count
        if _NOT_KEPT_INSIDE in found[0]:
            return found[0]
        count += 1
        head = found["head"] or found["other"] if "other" in found.groupdict() else found["head"]
        return f"{head}{_NOT_KEPT_INSIDE}"

    def literal(found: re.Match[str]) -> str:
        nonlocal count
        text, (start, end) = found.string, found.span("head")
        if found["head"][-1].isalpha() and text[max(0, start - 1) : start] == "'" == text[end]:
            return found[0]  # the text 'password', which ends here
        count += 1
        return f"{found['head'].rstrip()} {NOT_KEPT}"

    def bare(found: re.Match[str]) -> str:
        return inside(found) if _is_in_connection_string(found) else found[0]

    text = _IN_URL.sub(inside, text)
    text = _QUOTED_IN_LITERAL.sub(inside, text)
    text = _BARE.sub(bare, text)
    text = _IN_CALL.sub(literal, text)
    text = _LITERAL.sub(literal, text)
    return text, count


def _is_in_connection_string(found: re.Match[str]) -> bool:
    """Whether `password=x` stands in a connection string; in SQL it compares two columns."""
    text, start = found.string, found.start()
    if text[max(0, start - 1) : start] in {"'", "?", "&", "$", '"', ";"}:
        return True
    before = text[max(0, start - _AROUND) : start].rpartition("\n")[2]
    behind = text[start : start + _AROUND].partition("\n")[0]
    return bool(_CONNECTION_WORD.search(before + behind))
