"""A program that runs a query and makes a frame of its rows, to be copied or saved."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from tui.services.quoting import quote_literal
from tui.services.sql.frame.columns import FrameColumn
from tui.services.sql.frame.starting import LOADING
from tui.services.sql.text.parameters import is_secret
from tui.services.sql.text.statements import Statement

_ALWAYS = ("frame_of", "columns_of", "Reading", "strings", "first_unfit")
_MAKERS = "MAKERS"

_HEAD = '''"""Rows of PostgreSQL as a pandas frame, in types that lose nothing.

Needs psycopg2 (or psycopg2-binary), pandas 2.2 and pyarrow 17, or later ones. It runs on a new
connection: what SET changed and temporary tables are not there.
"""
'''


def snippet(statement: Statement, columns: Sequence[FrameColumn], reaching: str) -> str:
    """The program. `reaching` are the lines that connect. The values of parameters are in it, but
    for those that are secret by their names: they are asked for."""
    listed = "\n".join(f"    {each!r}," for each in columns)
    parts = _parts({kind for _, kind, *_ in columns})
    return "\n".join(
        [
            _HEAD,
            "from __future__ import annotations",
            "",
            "import tempfile",
            "from decimal import Decimal",
            "from getpass import getpass",
            "from typing import Any, BinaryIO",
            "",
            "import numpy as np",
            "import pandas as pd",
            "import psycopg2",
            "import pyarrow as pa",
            "import pyarrow.compute as pc",
            "import pyarrow.csv as pa_csv",
            "from psycopg2 import sql",
            "",
            *_query(statement),
            "",
            "COLUMNS = [",
            listed,
            "]",
            '"""Name, type, precision and scale."""',
            "",
            "",
            parts,
            "",
            "",
            reaching,
            "with tempfile.TemporaryFile() as file:",
            "    with connection, connection.cursor() as cursor:",
            '        whole = sql.SQL("COPY (\\n{}\\n) TO STDOUT WITH (FORMAT csv)").format(QUERY)',
            "        cursor.copy_expert(whole.as_string(connection), file)",
            "    connection.close()",
            "    file.seek(0)",
            "    df, notes = frame_of(file, COLUMNS)",
            'print(*notes, sep="\\n")',
            "df.info()",
            "",
        ]
    )


def _query(statement: Statement) -> list[str]:
    """The lines that make QUERY, of the text as it was written and its values."""
    text, at = statement.text, 0
    values: dict[str, str] = {}
    lines = []
    for each in statement.values:
        asks = f"getpass({each.name + ': '!r})"
        values[each.name] = asks if is_secret(each.name) else repr(each.value)
        is_name = (statement.written or "")[each.written_start + 1 : each.written_start + 2] == '"'
        sent = text[each.start : each.end]
        core = _identifier(each.value) if is_name else quote_literal(each.value)
        before, _, after = sent.partition(core)
        lines.append(f"    + sql.SQL({_literal(text[at : each.start] + before)})")
        made = "Identifier" if is_name else "Literal"
        lines.append(f"    + sql.{made}(values[{each.name!r}])")
        at = each.end - len(after)
    lines.append(f"    + sql.SQL({_literal(text[at:])})")
    lines[0] = lines[0].replace("    + ", "    ", 1)
    given = ["values = {", *(f"    {name!r}: {value}," for name, value in values.items()), "}"]
    return [*(given if values else ()), "QUERY = (", *lines, ")"]


def _identifier(value: str | None) -> str:
    doubled = (value or "").replace('"', '""')
    return f'"{doubled}"'


def _literal(text: str) -> str:
    """A text of several lines as such, if every character of it can be seen."""
    lines = text.split("\n")
    plain = len(lines) > 1 and all(line.isprintable() for line in lines)
    if plain and '"""' not in text and "\\" not in text and not text.endswith('"'):
        return f'"""{text}"""'
    return repr(text)


def _parts(kinds: set[str]) -> str:
    """Those of `loading` that columns of these types need."""
    source = LOADING.read_text(encoding="utf-8")
    tree = ast.parse(source)
    parts: dict[str, ast.AST] = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    makers = _makers(tree)
    used = {kind: makers[kind] for kind in sorted(kinds & makers.keys())}
    wanted = {*_ALWAYS, *used.values()}
    for name in list(wanted):
        wanted |= {
            each.id
            for each in ast.walk(parts[name])
            if isinstance(each, ast.Name) and each.id in parts
        }
    texts = [
        ast.get_source_segment(source, node) or "" for name, node in parts.items() if name in wanted
    ]
    listed = "".join(f"    {kind!r}: {name},\n" for kind, name in used.items())
    text = "\n\n\n".join([*texts, f"{_MAKERS} = {{\n{listed}}}"])
    return text.replace("list[Column]", "list")


def _makers(tree: ast.Module) -> dict[str, str]:
    """Which function of `loading` makes the values of a type."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            return {
                key.value: made.id
                for key, made in zip(node.value.keys, node.value.values, strict=True)
                if isinstance(key, ast.Constant)
                and isinstance(key.value, str)
                and isinstance(made, ast.Name)
            }
    raise AssertionError(_MAKERS)
