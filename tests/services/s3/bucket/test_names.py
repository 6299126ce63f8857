"""The rules of bucket names."""

from __future__ import annotations

import pytest

from tui.services.s3 import check_bucket_name


@pytest.mark.parametrize("name", ["abc", "my-bucket", "a.b.c", "1bucket2", "x" * 63, "my.s3.data"])
def test_good_names_have_no_problems(name: str) -> None:
    assert check_bucket_name(name) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "At least 3"),
        ("ab", "At least 3"),
        ("x" * 64, "At most 63"),
        ("My-bucket", "'M'"),
        ("my_bucket", "'_'"),
        ("my bucket", "' '"),
        ("bücket", "'ü'"),
        ("buck\x1bet", r"'\x1b'"),
        ("１２３", "Only lower-case"),
        ("-bucket", "begin with a letter"),
        (".bucket", "begin with a letter"),
        ("bucket-", "end with a letter"),
        ("bucket.", "end with a letter"),
        ("my..bucket", "two dots"),
        ("192.168.5.4", "IP address"),
        ("xn--bucket", "'xn--'"),
        ("sthree-bucket", "'sthree-'"),
        ("amzn-s3-demo-x", "'amzn-s3-demo-'"),
        ("bucket-s3alias", "'-s3alias'"),
        ("bucket--ol-s3", "'--ol-s3'"),
        ("bucket.mrap", "'.mrap'"),
        ("bucket--x-s3", "'--x-s3'"),
        ("bucket--table-s3", "'--table-s3'"),
    ],
)
def test_each_broken_rule_is_named(name: str, said: str) -> None:
    assert any(said in problem for problem in check_bucket_name(name))


def test_all_broken_rules_are_named_at_once() -> None:
    assert len(check_bucket_name("-A..b-")) == 4
