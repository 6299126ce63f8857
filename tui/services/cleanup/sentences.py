"""A plan in sentences: what each step removes, what stays, how much it is in all."""

from __future__ import annotations

from collections.abc import Iterable

from tui.services.cleanup.database_inventory import other_regions
from tui.services.cleanup.models import Resource, ResourceKind
from tui.services.cleanup.plan import CleanupPlan
from tui.services.cleanup.step import (
    BucketCount,
    InstanceFacts,
    Step,
    TableFacts,
    UploadFacts,
    UploadTotal,
)
from tui.services.cleanup.uploads import when_begun
from tui.services.dynamodb import Recovery, TableInfo
from tui.services.quantities import counted, size_text
from tui.services.rds import Cluster, InboundRule, Instance
from tui.services.s3 import BucketProtection, Unknown


def what_goes(step: Step) -> tuple[str, ...]:
    """What applying the step removes, a sentence each; empty if it is left out."""
    if not step.ready:
        return ()
    lifted = tuple(
        each.goes for each in step.protections if each.kind in step.options.lifted and each.goes
    )
    if isinstance(step.facts, BucketCount):
        return (*lifted, *_bucket_goes(step, step.facts))
    if step.resource.kind is ResourceKind.INSTANCE:
        return (*lifted, *_instance_goes(step))
    if isinstance(step.resource.detail, Cluster):
        return (*lifted, *_cluster_goes(step, step.resource.detail))
    if step.resource.kind in {ResourceKind.SNAPSHOT, ResourceKind.CLUSTER_SNAPSHOT}:
        return ("Deletes the snapshot; its data cannot be brought back.",)
    if step.resource.kind is ResourceKind.UPLOADS:
        return (f"Aborts {uploads_counted(step.going_uploads)}.",)
    if isinstance(step.resource.detail, InboundRule):
        rule = step.resource.detail
        return (f"Removes the rule: {rule.source} may no longer connect ({rule.ports}).",)
    if isinstance(step.facts, TableFacts):
        return (*lifted, *_table_goes(step.resource, step.facts))
    return lifted


def what_stays(step: Step) -> tuple[str, ...]:
    """What is still there afterwards, or is not known, a sentence each."""
    if not step.ready:
        return ()
    unknown = tuple(f"Unknown: {each}." for each in step.resource.unknown)
    unknown += tuple(
        each.stays for each in step.protections if each.kind in step.options.lifted and each.stays
    )
    if isinstance(step.facts, BucketCount):
        return unknown + _bucket_stays(step, step.facts)
    if isinstance(step.facts, UploadFacts):
        return unknown + _uploads_stay(step, step.facts)
    if isinstance(step.facts, InstanceFacts):
        return unknown + _instance_stays(step, step.facts)
    if isinstance(step.facts, TableFacts):
        return unknown + _table_stays(step.resource, step.facts)
    return unknown


def bucket_counted(count: BucketCount) -> str:
    """ "3 objects, 2 old versions, 1 delete marker, 4.0 KiB", with "more than" for a bound."""
    parts = [counted(count.objects, "object")]
    parts += [counted(count.old_versions, "old version")] if count.old_versions else []
    parts += [counted(count.delete_markers, "delete marker")] if count.delete_markers else []
    parts.append(size_text(count.size_bytes))
    if count.uploads:
        parts.append(uploads_counted(UploadTotal(count.uploads, count.upload_bytes)))
    return ("" if count.complete else "more than ") + ", ".join(parts)


def uploads_counted(some: UploadTotal) -> str:
    """ "3 multipart uploads (1.2 GiB of parts)"."""
    size = "size unknown" if some.size_bytes is None else f"{size_text(some.size_bytes)} of parts"
    return f"{counted(some.count, 'multipart upload')} ({size})"


def _uploads_stay(step: Step, facts: UploadFacts) -> tuple[str, ...]:
    stays = ["The bucket and its objects stay."]
    if step.options.only_stale:
        number = counted(facts.recent.count, "upload")
        stays.append(f"{number} of the last 24 hours may still be under way: not aborted.")
    if facts.oldest and facts.newest:
        stays.append(f"They began {when_begun(facts.oldest, facts.newest)}.")
    if not facts.complete:
        stays.append("The count was stopped: there are more, and they are aborted too.")
    return tuple(stays)


def _bucket_goes(step: Step, count: BucketCount) -> tuple[str, ...]:
    going = count.going
    nothing = going.entries == 0 and not going.uploads and going.complete
    what = "It is empty." if not count.locked else "Deletes nothing: everything is locked."
    first = what if nothing else f"Deletes {bucket_counted(going)}."
    if step.options.only_empty or count.locked:
        return (first,)
    last = "Then deletes the bucket itself" + ("." if count.locks_known else ", if it is empty.")
    return (first, last)


def _bucket_stays(step: Step, count: BucketCount) -> tuple[str, ...]:
    stays: list[str] = []
    if step.options.only_empty:
        stays.append("The bucket stays, empty, with its settings.")
    if count.locked:
        number = counted(count.locked, "locked version stays", "locked versions stay")
        stays.append(f"{number}, {size_text(count.locked_bytes)}, and so does the bucket.")
    if count.uploads is None:
        stays.append("Multipart uploads: unknown. Those that can be listed are aborted.")
    detail = step.resource.detail
    if isinstance(detail, BucketProtection) and isinstance(detail.versioning, Unknown):
        stays.append("Whether it keeps versions is unknown; every version is deleted.")
    return tuple(stays)


def _instance_goes(step: Step) -> tuple[str, ...]:
    detail = step.resource.detail
    storage = "its storage"
    if isinstance(detail, Instance) and detail.storage_gib and not detail.cluster:
        storage = f"its {detail.storage_gib} GiB of storage"
    goes = [f"Deletes the instance with {storage} and its automated backups."]
    if step.options.final_snapshot is None:
        goes.append("No final snapshot: the data cannot be brought back.")
    return tuple(goes)


def _cluster_goes(step: Step, cluster: Cluster) -> tuple[str, ...]:
    number = counted(len(cluster.members), "instance")
    rest = "its storage and its automated backups"
    if not cluster.members:
        goes = ["It has no instances.", f"Then deletes the cluster with {rest}."]
    elif cluster.is_multi_az:
        goes = [f"Deletes the cluster with its {number} ({_some(cluster.members)}), {rest}."]
    else:
        goes = [
            f"Deletes its {number}: {_some(cluster.members)}.",
            f"Then deletes the cluster with {rest}.",
        ]
    if step.options.final_snapshot is None:
        goes.append("No final snapshot: the data cannot be brought back.")
    return tuple(goes)


def _instance_stays(step: Step, facts: InstanceFacts) -> tuple[str, ...]:
    stays: list[str] = []
    if step.options.final_snapshot is not None:
        stays.append(
            f"A final snapshot {step.options.final_snapshot} is made; it stays, and is billed."
        )
    if facts.manual_snapshots is None:
        stays.append("Manual snapshots: unknown. Those that there are stay, and are billed.")
    elif facts.manual_snapshots:
        number = counted(
            len(facts.manual_snapshots),
            "manual snapshot stays and is billed",
            "manual snapshots stay and are billed",
        )
        stays.append(f"{number}: {_some(facts.manual_snapshots)}.")
    if facts.open_to is None:
        stays.append("Inbound rules of its security groups: unknown. They stay.")
    elif facts.open_to:
        stays.append(f"Not removed: {rules_left(facts.open_to)}")
    detail = step.resource.detail
    if isinstance(detail, Instance) and detail.replicas:
        stays.append(f"Its replicas stay and become instances: {_some(detail.replicas)}.")
    if isinstance(detail, Cluster) and detail.replicas:
        stays.append(f"Its replicas stay and become instances: {_some(detail.replicas)}.")
    return tuple(stays)


def _table_goes(resource: Resource, facts: TableFacts) -> tuple[str, ...]:
    items = "items: unknown" if resource.count is None else counted(resource.count, "item")
    goes = [f"Deletes the table: {items}, {size_text(resource.size_bytes)} (up to 6 hours old)."]
    if facts.alarms:
        goes.append(f"Deletes {counted(len(facts.alarms), 'alarm')}: {_some(facts.alarms)}.")
    if facts.scaling:
        goes.append(f"Deletes {counted(len(facts.scaling), 'scaling target')}.")
    return tuple(goes)


def _table_stays(resource: Resource, facts: TableFacts) -> tuple[str, ...]:
    stays: list[str] = []
    if facts.alarms is None:
        stays.append("CloudWatch alarms: unknown. They stay.")
    if facts.shared_alarms:
        stays.append(
            f"{counted(len(facts.shared_alarms), 'alarm')} that also watch other things stay: "
            f"{_some(facts.shared_alarms)}."
        )
    if facts.scaling is None:
        stays.append("Scaling targets: unknown. They stay.")
    if facts.recovery is Recovery.ON:
        stays.append("A free system backup stays for 35 days (point-in-time recovery is on).")
    elif facts.recovery is Recovery.UNKNOWN:
        stays.append("Point-in-time recovery: unknown.")
    detail = resource.detail
    others = other_regions(detail, resource.region) if isinstance(detail, TableInfo) else ()
    if others:
        stays.append(f"Replicas stay in {', '.join(others)}.")
    return tuple(stays)


def rules_left(open_to: tuple[str, ...]) -> str:
    """ "1 inbound rule for its port: 0.0.0.0/0 tcp 5432 sg-…." """
    return f"{counted(len(open_to), 'inbound rule')} for its port: {_some(open_to)}."


def _some(names: tuple[str, ...], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def amounts(plan: CleanupPlan) -> tuple[str, ...]:
    """ "4 objects (646 B)", "about 2 items (118 B)", "20.0 GiB of instance storage": one for each
    kind of resource that the plan acts on. What is unknown is said to be unknown."""
    of = {
        kind: [step.resource for step in plan.ready if step.resource.kind is kind]
        for kind in ResourceKind
    }
    buckets = [step.facts for step in plan.ready if isinstance(step.facts, BucketCount)]
    found: list[str] = []
    if buckets:
        found.append(_in_buckets([count.going for count in buckets]))
    if of[ResourceKind.TABLE]:
        found.append(_in_tables(of[ResourceKind.TABLE]))
    if of[ResourceKind.INSTANCE]:
        found.append(f"{_allocated(of[ResourceKind.INSTANCE])} of instance storage")
    if of[ResourceKind.CLUSTER]:
        found.append(
            f"{ResourceKind.CLUSTER.number(len(of[ResourceKind.CLUSTER]))} of an unknown size"
        )
    if of[ResourceKind.CLUSTER_SNAPSHOT]:
        found.append(ResourceKind.CLUSTER_SNAPSHOT.number(len(of[ResourceKind.CLUSTER_SNAPSHOT])))
    if of[ResourceKind.SNAPSHOT]:
        number = counted(len(of[ResourceKind.SNAPSHOT]), "snapshot")
        found.append(f"{number} of at most {_allocated(of[ResourceKind.SNAPSHOT])}")
    aborted = sum((step.going_uploads for step in plan.ready), UploadTotal())
    if aborted.count:
        found.append(uploads_counted(aborted))
    if of[ResourceKind.RULE]:
        found.append(ResourceKind.RULE.number(len(of[ResourceKind.RULE])))
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
