"""What the ACL or the policy of a bucket gives to everybody. Blocking.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Grants, PublicGrant

_GROUPS = "http://acs.amazonaws.com/groups/global/"
_EVERYBODY = {
    f"{_GROUPS}AllUsers": "anybody on the internet",
    f"{_GROUPS}AuthenticatedUsers": "anybody with an AWS account",
}


def bucket_grants(s3: S3Calls, bucket: str) -> Grants:
    """What the bucket's ACL gives to everybody. Raises ServiceError."""
    answer = s3.call(
        f"read the ACL of {bucket}", lambda client: client.get_bucket_acl, Bucket=bucket
    )
    return public_grants(answer.get("Grants", ()))


def public_grants(grants: Iterable[Mapping[str, Any]]) -> Grants:
    """The grants of an ACL that are given to everybody, as AWS answers them."""
    return tuple(
        PublicGrant(_EVERYBODY[uri], str(grant.get("Permission", "")))
        for grant in grants
        if (uri := str((grant.get("Grantee") or {}).get("URI", ""))) in _EVERYBODY
    )


def allows_everybody(policy: str) -> bool:
    """Whether a bucket policy, as JSON, allows something to everybody without a condition."""
    try:
        statements = json.loads(policy).get("Statement", [])
    except (ValueError, AttributeError, RecursionError):
        return False
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        return False
    return any(_opens(each) for each in statements if isinstance(each, dict))


def _opens(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    everybody = principal == "*" or (isinstance(principal, list) and "*" in principal)
    return everybody and statement.get("Effect") == "Allow" and not statement.get("Condition")
