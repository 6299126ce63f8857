"""The marks of a saved connection, for whatever else leads to the same server and database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tui.services.sql.connecting.places import Place, place_of
from tui.services.sql.connecting.rules import Rules
from tui.services.sql.connecting.saved import SavedConnection
from tui.services.sql.connecting.targets import DatabaseTarget


def marked(
    target: DatabaseTarget, saved: Iterable[SavedConnection]
) -> tuple[DatabaseTarget, list[str]]:
    """The target with every mark of the saved connections that lead to where it leads, and the
    names of those that gave one. A saved connection itself keeps the marks that it has: they were
    chosen for it. Blocks."""
    place = place_of(target)
    rules, names = target.rules, []
    for each in saved:
        kept = each.target
        if kept is None:
            continue
        if each.name == target.label and place_of(kept) == place:
            return replace(target, rules=_joined(target.rules, kept.rules)), []
        if _is_at(place, place_of(kept)):
            joined = _joined(rules, kept.rules)
            if joined != rules:
                names.append(each.name)
            rules = joined
    return replace(target, rules=rules), names


def _is_at(place: Place, saved: Place) -> bool:
    if saved.names_database and saved.database != place.database:
        return False
    return place.has_server_of(saved)


def _joined(own: Rules, kept: Rules) -> Rules:
    by_hand = own.manual_commit
    if kept.production or kept.read_only:
        by_hand = kept.manual_commit if by_hand is None else by_hand or kept.manual_commit
    return Rules(own.production or kept.production, own.read_only or kept.read_only, by_hand)
