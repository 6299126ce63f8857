"""What the emulator held when it was seeded, and the removal of everything that came since."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from copy import deepcopy
from typing import Any

Names = dict[Any, Any]
"""The keys of a mapping, each with its own `Names`, its length if it is a list, or None."""


class Seed:
    """Remembers which resources there are, not what is in them; of security groups the rules, too:
    they are resources that are added and removed alone."""

    def __init__(self) -> None:
        self._kept = {backend: _names(vars(backend)) for _, _, backend in _backends()}
        self._rules = {id(each): deepcopy(each.ingress_rules) for each in _security_groups()}

    def remove_added(self) -> None:
        """Remove every resource that was made since. What was changed or deleted stays so."""
        from moto.core.model_instances import reset_model_data
        from moto.s3.models import s3_backends

        for regions, region, backend in _backends():
            if backend in self._kept:
                _cut(vars(backend), self._kept[backend])
            else:
                regions.pop(region, None)
        for group in _security_groups():
            group.ingress_rules = deepcopy(self._rules.get(id(group), []))
        buckets = {
            name for each in s3_backends.values() for one in each.values() for name in one.buckets
        }
        for name in set(s3_backends.bucket_accounts) - buckets:
            s3_backends.bucket_accounts.pop(name, None)
        # The emulator's own list of all that was ever made would keep the objects' contents.
        reset_model_data()


def _backends() -> Iterator[tuple[dict[str, Any], str, Any]]:
    """(the regions of an account, the name of one, what one service holds there)."""
    from moto.core.base_backend import BackendDict

    services: list[Any] = list(vars(BackendDict)["_instances"])
    for service in services:
        for regions in list(service.values()):
            for region, backend in list(regions.items()):
                yield regions, region, backend


def _security_groups() -> Iterator[Any]:
    from moto.ec2.models import ec2_backends

    for regions in list(ec2_backends.values()):
        for backend in list(regions.values()):
            for groups in list(backend.groups.values()):
                yield from list(groups.values())


def _names(held: MutableMapping[Any, Any]) -> Names:
    names: Names = {}
    for key, value in list(held.items()):
        if isinstance(value, MutableMapping):
            names[key] = _names(value)
        else:
            names[key] = len(value) if isinstance(value, list) else None
    return names


def _cut(held: MutableMapping[Any, Any], names: Names) -> None:
    """Remove from mappings and lists what the names do not name."""
    for key, value in list(held.items()):
        kept = names.get(key)
        if key not in names:
            held.pop(key, None)
        elif isinstance(value, MutableMapping) and isinstance(kept, dict):
            _cut(value, kept)
        elif isinstance(value, list) and isinstance(kept, int):
            del value[kept:]
