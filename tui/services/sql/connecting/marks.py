"""The marks of a saved connection, for whatever else leads to the same server and database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tui.services.sql.connecting.defaults import service_parameters
from tui.services.sql.connecting.places import LibpqPlace, place_of
from tui.services.sql.connecting.rules import Rules
from tui.services.sql.connecting.saved import SavedConnection
from tui.services.sql.connecting.targets import DatabaseTarget


def marked(
    target: DatabaseTarget, saved: Iterable[SavedConnection]
) -> tuple[DatabaseTarget, list[str]]:
    """The same as `SavedMarks.given_to`, for one target. Blocks."""
    return SavedMarks(saved).given_to(target)


class SavedMarks:
    """The saved connections by where they lead, so that each of many targets is compared with few
    of them. Everything blocks."""

    def __init__(self, saved: Iterable[SavedConnection]) -> None:
        self._services = service_parameters()
        self._places: list[tuple[SavedConnection, LibpqPlace]] = []
        self._numbers: dict[object, list[int]] = defaultdict(list)
        for each in saved:
            if each.target is not None:
                place = place_of(each.target, services=self._services)
                for key in _keys(place):
                    self._numbers[key].append(len(self._places))
                self._places.append((each, place))

    def given_to(self, target: DatabaseTarget) -> tuple[DatabaseTarget, list[str]]:
        """The target with every mark of the saved connections that lead to where it leads, and the
        names of those that gave one. A saved connection itself keeps the marks that it has: they
        were chosen for it."""
        place = place_of(target, services=self._services)
        rules, names = target.rules, []
        near = {number for key in _keys(place) for number in self._numbers.get(key, ())}
        for number in sorted(near):
            each, there = self._places[number]
            assert each.target is not None
            if each.name == target.label and there == place:
                return replace(target, rules=_joined(target.rules, each.target.rules)), []
            if _is_at(place, there):
                joined = _joined(rules, each.target.rules)
                if joined != rules:
                    names.append(each.name)
                rules = joined
        return replace(target, rules=rules), names


def _keys(place: LibpqPlace) -> Iterable[object]:
    """Two places that may have a server in common have one of these in common."""
    return [place.secret] if place.secret else place.reached


def _is_at(place: LibpqPlace, saved: LibpqPlace) -> bool:
    if saved.names_database and saved.database != place.database:
        return False
    return place.has_server_of(saved)


def _joined(own: Rules, kept: Rules) -> Rules:
    by_hand = own.manual_commit
    if kept.production or kept.read_only:
        by_hand = kept.manual_commit if by_hand is None else by_hand or kept.manual_commit
    return Rules(own.production or kept.production, own.read_only or kept.read_only, by_hand)
