"""How much a plan deletes, in the words of each kind of resource."""

from __future__ import annotations

from collections.abc import Iterable

from tui.services.cleanup.facts import BucketCount
from tui.services.cleanup.models import Kind, Resource
from tui.services.cleanup.plan import Plan
from tui.services.cleanup.sentences import uploads_counted
from tui.services.cleanup.upload_facts import Some
from tui.services.quantities import counted, size_text


def amounts(plan: Plan) -> tuple[str, ...]:
    """ "4 objects (646 B)", "about 2 items (118 B)", "20.0 GiB of instance storage": one for each
    kind of resource that the plan acts on. What is unknown is said to be unknown."""
    of = {
        kind: [step.resource for step in plan.ready if step.resource.kind is kind] for kind in Kind
    }
    buckets = [step.facts for step in plan.ready if isinstance(step.facts, BucketCount)]
    found: list[str] = []
    if buckets:
        found.append(_in_buckets([count.going for count in buckets]))
    if of[Kind.TABLE]:
        found.append(_in_tables(of[Kind.TABLE]))
    if of[Kind.INSTANCE]:
        found.append(f"{_allocated(of[Kind.INSTANCE])} of instance storage")
    if of[Kind.SNAPSHOT]:
        number = counted(len(of[Kind.SNAPSHOT]), "snapshot")
        found.append(f"{number} of at most {_allocated(of[Kind.SNAPSHOT])}")
    aborted = sum((step.going_uploads for step in plan.ready), Some())
    if aborted.count:
        found.append(uploads_counted(aborted))
    if of[Kind.RULE]:
        found.append(Kind.RULE.number(len(of[Kind.RULE])))
    return tuple(found)


def _in_buckets(counts: list[BucketCount]) -> str:
    entries = sum(count.entries for count in counts)
    plain = entries == sum(count.objects for count in counts)
    bound = "" if all(count.complete for count in counts) else "more than "
    size = size_text(sum(count.size_bytes for count in counts))
    return f"{bound}{counted(entries, 'object' if plain else 'version')} ({size})"


def _in_tables(tables: Iterable[Resource]) -> str:
    items = _sum(table.count for table in tables)
    size = _sum(table.size_bytes for table in tables)
    number = "items unknown" if items is None else f"about {counted(items, 'item')}"
    return f"{number} ({'size unknown' if size is None else size_text(size)})"


def _allocated(resources: Iterable[Resource]) -> str:
    size = _sum(each.size_bytes for each in resources)
    return "an unknown size" if size is None else size_text(size)


def _sum(numbers: Iterable[int | None]) -> int | None:
    """None if any of them is unknown."""
    known: list[int] = []
    for number in numbers:
        if number is None:
            return None
        known.append(number)
    return sum(known)
