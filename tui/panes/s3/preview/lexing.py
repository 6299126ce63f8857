"""What reads source code for its colours: a program of its own, `python -m` with this name.

Pygments, and not the grammars of TextArea: those come as one library for each language, and only
two are installed. It has expressions that take hours for a text that is made for them, and hold the
lock of the interpreter meanwhile: in a process of its own, that holds up nothing, and it can be
killed.

A request and its answer are JSON, each after four bytes that say how long it is.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import PurePosixPath
from typing import IO, Protocol

SECONDS = 1.0
"""That one stretch may take; what is read by then has colours."""

MOST_SECONDS = 3.0
"""Of the processor, for one stretch: after that the process ends, wherever it is."""

_BLANKS = re.compile(r"\s{100,}")
"""A stretch with so much white space has no colours: the C lexer takes 20 s for 2,000 empty
lines."""

Part = tuple[int, int, int, str]
"""A line, its first and last column (exclusive), and the kind: one of `KINDS`."""


class Lexer(Protocol):
    """What is used of a lexer of Pygments."""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, object, str]]: ...


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


def parts_of(language: str, lines: Sequence[str]) -> list[Part]:
    """The parts of these lines that have a colour."""
    parts: list[Part] = []
    text = "\n".join(lines)
    if _BLANKS.search(text):
        return parts
    deadline = time.monotonic() + SECONDS
    starts = [0]
    for each in lines:
        starts.append(starts[-1] + len(each) + 1)
    row = 0
    for at, token, value in lexer_of(language).get_tokens_unprocessed(text):
        kind = _kind(str(token))
        if kind:
            while row + 1 < len(lines) and starts[row + 1] <= at:
                row += 1
            end, line = at + len(value), row
            while line < len(lines) and starts[line] < end:
                left = max(at - starts[line], 0)
                right = min(end - starts[line], len(lines[line]))
                if right > left:
                    parts.append((line, left, right, kind))
                line += 1
        if time.monotonic() > deadline:
            break
    return parts


def _kind(token: str) -> str:
    name = token.removeprefix("Token.")
    while name:
        if name in _TOKENS:
            return _TOKENS[name]
        name = name.rpartition(".")[0]
    return ""


# -- the process ---------------------------------------------------------------------------


def send(stream: IO[bytes], message: object) -> None:
    """Write a request or an answer. Raises OSError."""
    data = json.dumps(message).encode("ascii")
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """Read a request or an answer; None at the end of the stream. Raises OSError."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    return json.loads(data) if len(data) == size else None


def main() -> None:
    """Answer requests until there are none."""
    os.nice(10)
    while (request := receive(sys.stdin.buffer)) is not None:
        assert isinstance(request, list)
        # By the kernel: an expression that takes hours hears no other signal.
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        parts = parts_of(*request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        send(sys.stdout.buffer, parts)


if __name__ == "__main__":
    main()
