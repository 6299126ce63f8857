"""The colours of source code, for the lines in view. No Textual here.

Pygments, and not the grammars of TextArea: those come as one library for each language, and only
two are installed. It is imported when the first source is shown (0.05 s), and reads some 0.1 to
1 MB each second, so that only a stretch around the view is read, on a thread.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import PurePosixPath
from typing import Protocol

STRETCH = 48 * 1024
"""Characters that are read at once."""

BEFORE = 300
"""Lines before the view from which on is read, where the beginning is too far away."""

LONGEST_LINE = 400
"""Characters; a stretch with a longer line has no colours: some expressions would take too long."""

_BLANKS = re.compile(r"\s{100,}")
"""A stretch with so much white space has no colours, for the same reason: the C lexer takes 20 s
for 2,000 empty lines."""

SECONDS = 1.0
"""That one stretch may take; what is read by then has colours."""


class Lexer(Protocol):
    """What is used of a lexer of Pygments."""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, object, str]]: ...


Span = tuple[int, int, str]
"""First and last column (exclusive) in a line, and the kind: one of `KINDS`."""

KINDS = ("comment", "keyword", "name", "number", "string", "tag")

_TOKENS = {
    "Comment": "comment",
    "Keyword": "keyword",
    "Operator.Word": "keyword",
    "Name.Tag": "tag",
    "Name.Attribute": "name",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Decorator": "name",
    "Name.Builtin": "name",
    "Name.Namespace": "name",
    "Literal.Number": "number",
    "Literal.String": "string",
    "Literal.Date": "string",
    "Literal.Scalar": "string",
    "Generic.Heading": "keyword",
    "Generic.Subheading": "keyword",
    "Generic.Inserted": "string",
    "Generic.Deleted": "number",
    "Generic.Strong": "keyword",
}

_LEXERS: dict[str, tuple[str, str]] = {
    suffix: (module, name)
    for module, name, suffixes in (
        ("c_cpp", "CLexer", ".c .h"),
        ("c_cpp", "CppLexer", ".cpp .cc .cxx .hpp .hh"),
        ("configs", "IniLexer", ".ini .cfg .conf .properties"),
        ("configs", "TerraformLexer", ".tf .tfvars .hcl"),
        ("configs", "TOMLLexer", ".toml"),
        ("configs", "DockerLexer", ".dockerfile dockerfile"),
        ("css", "CssLexer", ".css"),
        ("css", "ScssLexer", ".scss"),
        ("data", "JsonLexer", ".json .ipynb .geojson .avsc"),
        ("data", "YamlLexer", ".yaml .yml"),
        ("diff", "DiffLexer", ".diff .patch"),
        ("dotnet", "CSharpLexer", ".cs"),
        ("go", "GoLexer", ".go"),
        ("graphql", "GraphQLLexer", ".graphql .gql"),
        ("haskell", "HaskellLexer", ".hs"),
        ("html", "HtmlLexer", ".html .htm"),
        ("html", "XmlLexer", ".xml .xsd .xsl .svg .pom"),
        ("javascript", "JavascriptLexer", ".js .mjs .cjs .jsx"),
        ("javascript", "TypeScriptLexer", ".ts .tsx"),
        ("julia", "JuliaLexer", ".jl"),
        ("jvm", "JavaLexer", ".java"),
        ("jvm", "KotlinLexer", ".kt .kts"),
        ("jvm", "ScalaLexer", ".scala .sbt"),
        ("jvm", "GroovyLexer", ".groovy .gradle"),
        ("make", "MakefileLexer", ".mk makefile"),
        ("markup", "MarkdownLexer", ".md .markdown"),
        ("markup", "TexLexer", ".tex"),
        ("perl", "PerlLexer", ".pl .pm"),
        ("php", "PhpLexer", ".php"),
        ("dsls", "ProtoBufLexer", ".proto"),
        ("python", "PythonLexer", ".py .pyi .pyw"),
        ("r", "SLexer", ".r"),
        ("ruby", "RubyLexer", ".rb"),
        ("rust", "RustLexer", ".rs"),
        ("scripting", "LuaLexer", ".lua"),
        ("shell", "BashLexer", ".sh .bash .zsh .ksh"),
        ("shell", "PowerShellLexer", ".ps1"),
        ("shell", "BatchLexer", ".bat .cmd"),
        ("sql", "SqlLexer", ".sql .ddl .hql"),
    )
    for suffix in suffixes.split()
}


def language_of(name: str) -> str:
    """The suffix (or the whole name) by which the language of a source file is known; empty for
    anything else. `name` is the last part of a key in small letters, without that of packing."""
    suffix = PurePosixPath(name).suffix
    if suffix in _LEXERS:
        return suffix
    return name if name in _LEXERS else ""


def lexer_of(language: str) -> Lexer:
    """What reads a language that `language_of` knows."""
    module, name = _LEXERS[language]
    made: Lexer = getattr(import_module(f"pygments.lexers.{module}"), name)(
        stripnl=False, ensurenl=False
    )
    return made


class Coloring:
    """The colours of some lines of a text; those of others are found out on request."""

    def __init__(self, lines: Sequence[str], language: str) -> None:
        self._lines = lines
        self._language = language
        self._lexer: Lexer | None = None
        self._known = range(0)
        self._spans: dict[int, list[Span]] = {}

    def spans(self, line: int) -> list[Span]:
        """The colours of a line, as far as they are known."""
        return self._spans.get(line, [])

    def lacks(self, first: int, last: int) -> bool:
        """Whether colours of lines from `first` to `last` are not known."""
        last = min(last, len(self._lines) - 1)
        return first <= last and not (first in self._known and last in self._known)

    def find(self, first: int, last: int) -> None:
        """Find out the colours of these lines and of some around them. Blocking."""
        begin = 0
        if sum(len(each) + 1 for each in self._lines[: last + 1]) > STRETCH:
            begin = max(first - BEFORE, 0)
        chosen: list[str] = []
        size = 0
        for line in self._lines[begin:]:
            if size > STRETCH:
                break
            if len(line) > LONGEST_LINE:
                if begin + len(chosen) >= first:
                    break
                begin, chosen, size = begin + len(chosen) + 1, [], 0
                continue
            chosen.append(line)
            size += len(line) + 1
        spans = self._lex(chosen, begin)
        self._spans, self._known = spans, range(begin, max(begin + len(chosen), last + 1))

    def _lex(self, lines: Sequence[str], begin: int) -> dict[int, list[Span]]:
        if self._lexer is None:
            self._lexer = lexer_of(self._language)
        found: dict[int, list[Span]] = {}
        deadline = time.monotonic() + SECONDS
        starts = [0]
        for each in lines:
            starts.append(starts[-1] + len(each) + 1)
        row = 0
        text = "\n".join(lines)
        if _BLANKS.search(text):
            return found
        for at, token, value in self._lexer.get_tokens_unprocessed(text):
            kind = _kind(str(token))
            if kind:
                while row + 1 < len(lines) and starts[row + 1] <= at:
                    row += 1
                end, line = at + len(value), row
                while line < len(lines) and starts[line] < end:
                    left = max(at - starts[line], 0)
                    right = min(end - starts[line], len(lines[line]))
                    if right > left:
                        found.setdefault(begin + line, []).append((left, right, kind))
                    line += 1
            if time.monotonic() > deadline:
                break
        return found


def _kind(token: str) -> str:
    name = token.removeprefix("Token.")
    while name:
        if name in _TOKENS:
            return _TOKENS[name]
        name = name.rpartition(".")[0]
    return ""
