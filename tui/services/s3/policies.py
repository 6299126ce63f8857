"""What a bucket's policy says about deleting: only what can be said without guessing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

OBJECT_ACTIONS = ("s3:DeleteObject", "s3:DeleteObjectVersion")
BUCKET_ACTION = "s3:DeleteBucket"


@dataclass(frozen=True)
class PolicyDenies:
    """Which deletes a policy's Deny statements stop."""

    objects: bool = False
    """Every delete of an object or version is denied to everyone."""
    bucket: bool = False
    """Deleting the bucket is denied to everyone."""
    perhaps: tuple[str, ...] = ()
    """Actions that are denied to some, under a condition or for some keys only; whether that
    means us, only the service can say."""


def read_denies(document: str, bucket: str) -> PolicyDenies:
    """Read a policy document (JSON); one that is not readable denies nothing that we know of.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
    """
    try:
        policy = json.loads(document)
    except ValueError:
        return PolicyDenies()
    statements = _listed(policy.get("Statement")) if isinstance(policy, dict) else []
    objects = on_bucket = False
    perhaps: list[str] = []
    for statement in statements:
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Deny":
            continue
        certain = _everyone(statement) and not statement.get("Condition")
        for action in (*OBJECT_ACTIONS, BUCKET_ACTION):
            covers = _covers(statement, action, bucket)
            if covers is None:
                continue
            if not (certain and covers):
                perhaps.append(action)
            elif action == BUCKET_ACTION:
                on_bucket = True
            else:
                objects = True
    return PolicyDenies(objects, on_bucket, tuple(dict.fromkeys(perhaps)))


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [value]


def _everyone(statement: Mapping[str, object]) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return "*" in _listed(principal.get("AWS"))
    return principal == "*"


def _covers(statement: Mapping[str, object], action: str, bucket: str) -> bool | None:
    """True: for all that the action is done to; False: for some of it; None: not at all."""
    if "NotAction" in statement:
        excepted = any(_like(action, pattern) for pattern in _listed(statement["NotAction"]))
        if excepted:
            return None
    elif not any(_like(action, pattern) for pattern in _listed(statement.get("Action"))):
        return None
    if "NotResource" in statement:
        return False
    arn = f"arn:aws:s3:::{bucket}"
    resources = [str(item) for item in _listed(statement.get("Resource"))]
    if action == BUCKET_ACTION:
        return True if any(fnmatchcase(_plain(arn), _plain(r)) for r in resources) else None
    if any(_plain(r) in ("*", f"{_plain(arn)}*", f"{_plain(arn)}/*") for r in resources):
        return True
    return False if any(_plain(r).startswith(f"{_plain(arn)}/") for r in resources) else None


def _plain(arn: str) -> str:
    # China and GovCloud write another partition; the bucket is the same one.
    parts = arn.split(":", 2)
    return f"arn:aws:{parts[2]}" if len(parts) == 3 else arn


def _like(action: str, pattern: object) -> bool:
    return fnmatchcase(action.lower(), str(pattern).lower())
