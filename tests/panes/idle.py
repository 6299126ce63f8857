"""Presses the keys of all verbs that do nothing where the focus is."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.idle_keys import ELSEWHERE, verb_of

KEYS = "abcdefghijklmnopqrstuvwxyzDPRG/:*.~ "
NAMES = {"/": "slash", ":": "colon", "*": "asterisk", ".": "full_stop", "~": "tilde", " ": "space"}
OTHERS = ["enter", "backspace", *(f"f{n}" for n in range(1, 13)), "ctrl+g", "ctrl+f", "ctrl+o"]


async def answers(pilot: Pilot[Any]) -> dict[str, str]:
    """What the line of keys says to each key of a verb that does nothing, by verb."""
    said: dict[str, str] = {}
    line = pilot.app.screen.query_one(FooterLine)
    for key in [*(NAMES.get(each, each) for each in KEYS), *OTHERS]:
        verb = verb_of(key, {})
        if verb is None or key in pilot.app.screen.active_bindings:
            continue
        line.say("")
        await pilot.press(key)
        assert line.said, verb
        assert len(line.said) <= 80, line.said
        said[verb.id] = line.said
    assert set(said) <= set(ELSEWHERE)
    return said
