"""Keys as people write them."""

from __future__ import annotations

_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "asterisk": "*",
    "full_stop": ".",
    "tilde": "~",
    "space": "Space",
    "enter": "Enter",
    "backspace": "Backspace",
    "escape": "Esc",
    "tab": "Tab",
}


def key_names(keys: str) -> str:
    """Textual's key names as people write them: "f5,ctrl+j" -> "F5 Ctrl+J"."""
    return " ".join(_key_name(key) for key in keys.split(","))


def _key_name(key: str) -> str:
    if key in _NAMES:
        return _NAMES[key]
    if len(key) == 1:
        return key
    return "+".join(part.upper() if len(part) < 3 else part.capitalize() for part in key.split("+"))
