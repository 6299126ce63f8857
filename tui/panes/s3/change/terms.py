"""What a plan says of copies beside their names: what goes along, and what does not."""

from __future__ import annotations

from tui.services.s3 import CopyTerms, Unknown, Versioning

KEPT = "Kept: metadata, tags, storage class, encryption, website redirect, checksum algorithm."


def terms_text(terms: CopyTerms, to_bucket: str, *, moves: bool, is_aws: bool) -> str:
    """Lines for the plan."""
    lines = [KEPT, _left_behind(terms)]
    if terms.other_region:
        lines.append(
            "It is another region: what a KMS key of your own encrypts gets the default KMS key "
            "of that region."
        )
    if not isinstance(terms.to_lock, Unknown) and terms.to_lock.default_retention:
        retention = terms.to_lock.default_retention
        lines.append(
            f"Each copy gets the default retention of {to_bucket}: {retention}. It cannot be "
            "deleted before that ends."
        )
    if moves:
        how = "S3 is told its ETag (If-Match)" if is_aws else "this server is asked right before"
        lines.append(f"A source is deleted after a look at its copy, if it is the same: {how}.")
        lines.append(_sources(terms.versioning))
    return "\n".join(lines)


def _left_behind(terms: CopyTerms) -> str:
    left, unknown = [], []
    if isinstance(terms.acls, Unknown):
        unknown.append("ACLs")
    elif terms.acls:
        left.append("ACLs")
    if isinstance(terms.lock, Unknown):
        unknown.append("retention and legal holds")
    elif terms.lock.enabled:
        left.append("retention and legal holds")
    parts = [", ".join(left)] if left else []
    if unknown:
        parts.append(f"{' and '.join(unknown)}, if there are any (that may not be read)")
    if not parts:
        return "Nothing is left behind: the bucket has neither ACLs nor object lock."
    return f"Not taken along: {'; '.join(parts)}."


def _sources(versioning: Versioning | Unknown) -> str:
    if isinstance(versioning, Unknown):
        return "Whether the bucket of the sources keeps their versions is unknown."
    if versioning is Versioning.ENABLED:
        return "Sources get delete markers: their versions stay, and cost, until they are deleted."
    if versioning is Versioning.SUSPENDED:
        return "Sources of the time without versioning are gone; older versions stay, and cost."
    return "The bucket of the sources keeps no versions."
