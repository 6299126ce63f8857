"""What is wrong with a setting of a bucket before it is sent, and whom a policy lets in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

MOST_POLICY = 20 * 1024
"""Bytes of the largest bucket policy.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html"""


class Setting(Enum):
    """What can be read and changed of a bucket; the value is what a person calls it."""

    VERSIONING = "Versioning"
    POLICY = "Policy"
    CORS = "CORS"
    LIFECYCLE = "Lifecycle"
    ENCRYPTION = "Encryption"
    TAGS = "Tags"
    ACL = "ACL"


def setting_problems(setting: Setting, text: str) -> list[str]:
    """What is wrong with a document before it is sent, with the place; empty if S3 may be asked."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        return [f"Line {error.lineno}, column {error.colno}: {error.msg}."]
    except RecursionError:
        return ["It is nested too deeply."]
    if not isinstance(document, dict):
        return ["It must be an object: { … }."]
    if setting is Setting.POLICY:
        return _policy_problems(document, text)
    wanted = _FIELDS[setting]
    if set(document) - {wanted, *_ALSO.get(setting, ())} or wanted not in document:
        return [f"It must have the field {wanted}, and no other."]
    if setting is Setting.VERSIONING and document[wanted] not in {"Enabled", "Suspended"}:
        return ["Status must be Enabled or Suspended."]
    if setting is not Setting.VERSIONING and not isinstance(document[wanted], list):
        return [f"{wanted} must be a list: [ … ]."]
    return []


_FIELDS = {
    Setting.VERSIONING: "Status",
    Setting.CORS: "CORSRules",
    Setting.LIFECYCLE: "Rules",
    Setting.ENCRYPTION: "Rules",
    Setting.TAGS: "TagSet",
    Setting.ACL: "Grants",
}


_ALSO = {Setting.ACL: ("Owner",)}


def _policy_problems(document: Mapping[str, Any], text: str) -> list[str]:
    problems = []
    if len(text.encode()) > MOST_POLICY and len(json.dumps(document).encode()) > MOST_POLICY:
        problems.append("A bucket policy has at most 20 KB.")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        return [*problems, "Statement must be a list with a statement in it."]
    for number, statement in enumerate(statements, 1):
        if not isinstance(statement, dict):
            problems.append(f"Statement {number} must be an object.")
            continue
        if statement.get("Effect") not in {"Allow", "Deny"}:
            problems.append(f"Statement {number}: Effect must be Allow or Deny.")
        for either in (
            ("Principal", "NotPrincipal"),
            ("Action", "NotAction"),
            ("Resource", "NotResource"),
        ):
            if not set(either) & set(statement):
                problems.append(f"Statement {number} needs {either[0]}.")
    return problems


def opens_to_anybody(text: str, *, on_condition: bool = False) -> bool:
    """Whether a policy allows something to everybody without a condition, or else, `on_condition`,
    under one. Which conditions leave it public is S3's to say, in the bucket's information."""
    try:
        statements = json.loads(text).get("Statement", [])
    except (ValueError, AttributeError):
        return False
    if isinstance(statements, dict):
        statements = [statements]
    for each in statements:
        if not isinstance(each, dict) or each.get("Effect") != "Allow":
            continue
        if bool(each.get("Condition")) is not on_condition:
            continue
        principal = each.get("Principal")
        named = principal.get("AWS") if isinstance(principal, dict) else principal
        if "NotPrincipal" in each or named == "*" or (isinstance(named, list) and "*" in named):
            return True
    return False
