"""What a DeleteObjects call carries, and what its answer is about."""

from __future__ import annotations

import pytest

from tui.services.s3.deleting.batch_delete import LIMIT, Name, calls_for, refused, split


def error(key: str, version: str = "", code: str = "AccessDenied") -> dict[str, str]:
    named = {"VersionId": version} if version else {}
    return {"Key": key, "Code": code, "Message": "said so", **named}


def stay(names: list[Name], *errors: dict[str, str]) -> list[Name]:
    return [each.name for each in refused(names, {"Errors": list(errors)})]


def test_an_answer_without_errors_is_about_nothing() -> None:
    assert refused([Name("a")], {}) == []


@pytest.mark.parametrize("key", ["cr\rreturn", "cr\r\nlf", "line\nfeed", "plain"])
def test_an_error_is_about_the_key_that_was_sent(key: str) -> None:
    names = [Name(key, "v1"), Name("other", "v1")]
    folded = key.replace("\r\n", "\n").replace("\r", "\n")

    assert stay(names, error(key, "v1")) == [Name(key, "v1")]
    assert stay(names, error(folded, "v1")) == [Name(key, "v1")]


def test_an_error_without_a_version_is_about_every_version_of_its_key() -> None:
    names = [Name("a", "v1"), Name("a", "v2"), Name("b", "v1")]

    assert stay(names, error("a")) == names[:2]
    assert stay(names, error("a", "v2")) == names[1:2]


def test_an_error_about_an_unknown_key_leaves_the_whole_call_in_doubt() -> None:
    names = [Name("a"), Name("b")]

    assert stay(names, error("c")) == names


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion"])
def test_what_was_not_there_does_not_stay(code: str) -> None:
    assert stay([Name("a")], error("a", code=code)) == []


def test_what_no_xml_carries_goes_alone() -> None:
    names = [Name("a"), Name("\x01"), Name("\x1besc"), Name("tab\t\n"), Name("cr\r")]

    together, alone = split(names)

    assert alone == names[1:3]
    assert together == [names[0], *names[3:]]


def test_keys_that_an_answer_could_not_tell_apart_are_not_in_one_call() -> None:
    names = [Name("a\rb"), Name("a\nb"), Name("a\r\nb"), Name("a\rb", "v1"), Name("c")]

    together, alone = split(names)

    assert together == [Name("a\nb"), Name("a\rb", "v1"), Name("c")]
    assert alone == [Name("a\rb"), Name("a\r\nb")]


def test_calls_for_keys_hold_a_thousand_and_go_alone_as_split_says() -> None:
    keys = ["a\rb", "a\nb", "\x01", "lone\r", *(f"k{number:04}" for number in range(LIMIT)), "z"]
    etags = [str(number) if number % 2 else "" for number in range(len(keys))]
    calls = list(calls_for(keys, etags))
    together, alone = split(map(Name, keys))
    assert [name for call in calls if not call.is_alone for name in call.names] == together
    assert [call.names for call in calls if call.is_alone] == [[name] for name in alone]
    assert [len(call.names) for call in calls] == [LIMIT, 3, 1, 1]
    known = {key: etag for key, etag in zip(keys, etags, strict=True) if etag}
    assert {key: etag for call in calls for key, etag in call.etags.items()} == known
    assert [call.etags for call in calls_for(["a"])] == [{}]
