"""The forms in which a value can be looked at: JSON as a tree, XML laid out, bytes as hex."""

from __future__ import annotations

import re
from enum import Enum

from tui.services.formats.hex_dump import hex_dump
from tui.services.formats.json_tree import JsonTree, parse
from tui.services.formats.picture import LARGEST, is_picture
from tui.services.formats.xml_layout import laid_out
from tui.services.quantities import counted, size_text

LONGEST_HEX = 1024 * 1024
"""Bytes that are shown as hex."""

LONGEST_TEXT = 4 * 1024 * 1024
"""Characters or bytes that are laid out, or taken for text: a longer one would hold up every other
thread."""

_PIECE = 2 * 1024 * 1024
"""Hexadecimal digits that are read in one call, for the same reason."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")

_TEXTS = frozenset({"text", "character varying", "character", "name", "unknown"})
_ESCAPED = re.compile(r"\\(\\|[0-7]{3})")


class ValueForm(Enum):
    """What a value is drawn as; the value says it in words."""

    STORED = "as stored"
    TREE = "tree"
    LAID_OUT = "laid out"
    HEX = "hex"
    TEXT = "as text"
    PICTURE = "picture"


class ValueLooks:
    """A value and its forms. `read` takes long for a long value; it belongs on a thread."""

    def __init__(self, type_name: str, value: str) -> None:
        self.type_name = type_name
        self.value = value
        self.forms: tuple[ValueForm, ...] = (ValueForm.STORED,)
        """The first is the one that says most."""
        self.tree: JsonTree | None = None
        self.layout = ""
        """XML, laid out."""
        self.data = b""
        """The bytes of a `bytea`."""

    @property
    def may_be_more(self) -> bool:
        """Whether it can have another form than as it is stored, told by its first characters."""
        if self.type_name == "bytea":
            return bool(self.value)
        begin = self.value[:100].lstrip()[:1]
        if self.type_name in {"json", "jsonb"}:
            return begin in {"{", "["}
        return self.type_name in _TEXTS | {"xml"} and begin in {"{", "[", "<"}

    def read(self) -> None:
        """Find its forms."""
        if not self.may_be_more:
            return
        if self.type_name == "bytea":
            self._read_bytes()
        elif self.value[:100].lstrip().startswith("<"):
            self.layout = (laid_out(self.value) or "") if len(self.value) <= LONGEST_TEXT else ""
            if self.layout:
                self._offer(ValueForm.LAID_OUT, first=self.type_name == "xml")
        else:
            tree = parse(self.value)
            is_whole = not tree.note and len(tree.roots) == 1
            is_json = self.type_name in {"json", "jsonb"}
            if is_json or (is_whole and tree.roots[0].children):
                self.tree = tree
                self._offer(ValueForm.TREE, first=is_json)

    def _offer(self, form: ValueForm, *, first: bool) -> None:
        self.forms = (form, ValueForm.STORED) if first else (ValueForm.STORED, form)

    def _read_bytes(self) -> None:
        self.data = bytes_of(self.value)
        forms = [ValueForm.HEX, ValueForm.STORED]
        if is_text(self.data):
            forms.insert(1, ValueForm.TEXT)
        if is_picture(self.data[:16]) and len(self.data) <= LARGEST:
            forms.insert(0, ValueForm.PICTURE)
        self.forms = tuple(forms)

    def drawn(self, form: ValueForm) -> str:
        """The text of a form that is one."""
        match form:
            case ValueForm.LAID_OUT:
                return self.layout
            case ValueForm.HEX:
                return hex_dump(self.data[:LONGEST_HEX])
            case ValueForm.TEXT:
                return self.data.decode()
            case _:
                return self.value

    def note(self, form: ValueForm) -> str:
        """How much it is, and what of it is not shown in this form."""
        size = counted(len(self.data), "byte") if self.type_name == "bytea" else ""
        parts = [size or counted(len(self.value), "character")]
        if len(self.forms) > 1:
            parts.append(form.value)
        if form is ValueForm.HEX and len(self.data) > LONGEST_HEX:
            parts.append(f"the first {size_text(LONGEST_HEX)} of it")
        if form is ValueForm.LAID_OUT:
            parts.append("blanks between tags are not those that are stored")
        if form is ValueForm.TREE and self.tree is not None and self.tree.note:
            parts.append(self.tree.note)
        return "  ·  ".join(parts)


def bytes_of(value: str) -> bytes:
    """The bytes that a printed `bytea` stands for, in either `bytea_output`:
    https://www.postgresql.org/docs/current/datatype-binary.html"""
    if value.startswith("\\x"):
        starts = range(2, len(value), _PIECE)
        return b"".join(bytes.fromhex(value[at : at + _PIECE]) for at in starts)
    plain = _ESCAPED.sub(lambda m: "\\" if m[1] == "\\" else chr(int(m[1], 8)), value)
    return plain.encode("latin-1", "replace")


def is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8 that can be read."""
    if len(data) > LONGEST_TEXT:
        return False
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and _CONTROL.search(text) is None
