"""One resource of a plan: what was found, what was chosen, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from tui.services.cleanup.facts import BucketCount, Facts, InstanceFacts, Options
from tui.services.cleanup.models import (
    InstanceDetail,
    Kind,
    Protection,
    ProtectionKind,
    Ref,
    Resource,
)
from tui.services.cleanup.snapshot_name import snapshot_name_problems
from tui.services.cleanup.upload_facts import Some, UploadFacts
from tui.services.quantities import counted


@dataclass(frozen=True)
class Step:
    """One resource of a plan, as it was when the plan was made."""

    resource: Resource
    facts: Facts
    """None if it could not be read, `blocked` then says why; and for what the inventory knows
    already."""
    options: Options = field(default_factory=Options)
    gone: bool = False
    """It was gone already when the plan was made."""
    unreadable: str = ""
    """Why it could not be looked at; empty if it could."""

    @property
    def ref(self) -> Ref:
        return self.resource.ref

    @property
    def protections(self) -> tuple[Protection, ...]:
        """All that protects it, those that matter to the chosen action only."""
        own = tuple(
            each
            for each in self.resource.protections or ()
            if not (each.only_bucket and self.options.only_empty)
        )
        return own + _lock_protections(self.facts)

    @property
    def verb(self) -> str:
        """What is done to it, in a word."""
        if self.options.only_empty:
            return "empty"
        return {Kind.UPLOADS: "abort", Kind.RULE: "remove"}.get(self.resource.kind, "delete")

    @property
    def blocked(self) -> tuple[str, ...]:
        """Why it is left out, a sentence each; empty if it will be done."""
        if self.gone:
            return ("It is gone already.",)
        if self.unreadable:
            return (self.unreadable,)
        why = [
            each.what
            for each in self.protections
            if not (each.liftable and each.kind in self.options.lifted)
        ]
        return (*why, *self._snapshot_problems(), *self._upload_problems())

    @property
    def ready(self) -> bool:
        """Whether applying the plan acts on it."""
        return not self.blocked

    def _upload_problems(self) -> tuple[str, ...]:
        if not isinstance(self.facts, UploadFacts) or self.going_uploads.count:
            return ()
        return ("All of them began less than a day ago; somebody may still be uploading.",)

    @property
    def going_uploads(self) -> Some:
        """The multipart uploads that are aborted, where that is what the step does."""
        if not isinstance(self.facts, UploadFacts):
            return Some()
        return self.facts.stale if self.options.only_stale else self.facts.all

    def _snapshot_problems(self) -> tuple[str, ...]:
        name = self.options.final_snapshot
        detail = self.resource.detail
        if name is None or not isinstance(detail, InstanceDetail):
            return ()
        if detail.must_skip_snapshot:
            why = "a replica" if detail.replica_of else f"in the state {detail.status}"
            return (f"It is {why}: RDS takes no final snapshot of it.",)
        if isinstance(self.facts, InstanceFacts) and name in self.facts.snapshot_taken:
            return (f"A snapshot named {name} exists already.",)
        return tuple(snapshot_name_problems(name))


def _lock_protections(facts: Facts) -> tuple[Protection, ...]:
    if not isinstance(facts, BucketCount):
        return ()
    found: list[Protection] = []
    rest = "Delete what is not locked; the bucket stays"
    if facts.governed:
        number = counted(facts.governed, "version")
        found.append(
            Protection(
                ProtectionKind.GOVERNANCE,
                f"{number} under GOVERNANCE retention.",
                lifting="Bypass GOVERNANCE retention (needs s3:BypassGovernanceRetention)",
                goes=f"Bypasses the GOVERNANCE retention of {number}.",
            )
        )
    if facts.complying:
        until = facts.comply_until
        when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        found.append(
            Protection(
                ProtectionKind.COMPLIANCE,
                f"{counted(facts.complying, 'version')} under COMPLIANCE retention{when}; nobody "
                f"can delete {'it' if facts.complying == 1 else 'them'} before.",
                lifting=rest,
            )
        )
    if facts.held:
        found.append(
            Protection(
                ProtectionKind.LEGAL_HOLD,
                f"{counted(facts.held, 'version')} under legal hold.",
                lifting=rest,
                hint="Release the holds first: aws s3api put-object-legal-hold.",
            )
        )
    if not facts.locks_known:
        found.append(
            Protection(
                ProtectionKind.OBJECT_LOCK,
                "Object lock is on, and not every version was checked for a lock.",
                lifting="Delete what is not locked; S3 refuses the rest",
                stays="Locked versions stay, if there are any, and then the bucket stays too.",
            )
        )
    return tuple(found)
