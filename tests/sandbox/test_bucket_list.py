"""ListBuckets comes in pages and names regions, as AWS's does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tui.services.aws import Account


@pytest.fixture
def s3(account: Account) -> Any:
    return account.connection.client("s3")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 10])
def test_pages_give_every_bucket_once_and_in_order(s3: Any, size: int) -> None:
    prefix = f"pages-{uuid4().hex[:8]}-"
    names = [f"{prefix}{letter}" for letter in "cab"]
    for name in names:
        s3.create_bucket(Bucket=name)
    pages = list(
        s3.get_paginator("list_buckets").paginate(
            Prefix=prefix, PaginationConfig={"PageSize": size}
        )
    )
    listed = [bucket["Name"] for page in pages for bucket in page["Buckets"]]
    assert listed == sorted(names)
    assert all(len(page["Buckets"]) <= size for page in pages)


def test_each_bucket_says_its_region(account: Account, s3: Any) -> None:
    prefix = f"region-{uuid4().hex[:8]}-"
    s3.create_bucket(Bucket=prefix + "here")
    account.connection.client("s3", region="eu-west-1").create_bucket(
        Bucket=prefix + "there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    answer = s3.list_buckets(MaxBuckets=100, Prefix=prefix)
    regions = {bucket["Name"]: bucket["BucketRegion"] for bucket in answer["Buckets"]}
    assert regions == {prefix + "here": "us-east-1", prefix + "there": "eu-west-1"}


def test_a_list_without_parameters_is_whole(s3: Any) -> None:
    answer = s3.list_buckets()
    assert "tristore-walkthrough" in [bucket["Name"] for bucket in answer["Buckets"]]
    assert "ContinuationToken" not in answer
