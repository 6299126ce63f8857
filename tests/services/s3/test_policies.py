"""What a bucket policy denies, read without guessing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tui.services.s3.bucket.bucket_protection import PolicyDenies, read_denies


def policy(**statement: Any) -> str:
    whole = {"Effect": "Deny", "Principal": "*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}
    return json.dumps({"Statement": [whole | statement]})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (policy(Action="s3:DeleteObject"), PolicyDenies(objects=True)),
        (policy(Action=["s3:Delete*"]), PolicyDenies(objects=True, bucket=True)),
        (policy(Action="s3:*", Principal={"AWS": "*"}), PolicyDenies(True, True)),
        (policy(Action="s3:DeleteBucket"), PolicyDenies(bucket=True)),
        (policy(Action="S3:deletebucket"), PolicyDenies(bucket=True)),
        (policy(NotAction="s3:DeleteBucket"), PolicyDenies(objects=True)),
        (policy(Action="s3:PutObject"), PolicyDenies()),
        (policy(Action="s3:DeleteBucket", Effect="Allow"), PolicyDenies()),
        (
            policy(Action="s3:DeleteBucket", Condition={"Bool": {"aws:SecureTransport": "false"}}),
            PolicyDenies(perhaps=("s3:DeleteBucket",)),
        ),
        (
            policy(Action="s3:DeleteObject", Principal={"AWS": "arn:aws:iam::1:user/x"}),
            PolicyDenies(perhaps=("s3:DeleteObject",)),
        ),
        (
            policy(Action="s3:DeleteObject", Resource="arn:aws:s3:::b/keep/*"),
            PolicyDenies(perhaps=("s3:DeleteObject",)),
        ),
        (policy(Action="s3:DeleteBucket", Resource="arn:aws:s3:::other"), PolicyDenies()),
        (policy(Action="s3:DeleteBucket", Resource="arn:aws-cn:s3:::b"), PolicyDenies(bucket=True)),
        ("not json", PolicyDenies()),
        ("[]", PolicyDenies()),
        ("", PolicyDenies()),
    ],
)
def test_a_policy_is_read_without_guessing(document: str, expected: PolicyDenies) -> None:
    assert read_denies(document, "b") == expected
