"""The form of what every object of an upload gets: read as it is written, and checked."""

from __future__ import annotations

import pytest

from tui.panes.s3.transfers.attributes_form import (
    _fields,
    attributes_of,
    entries_problems,
    pairs_in,
    tags_problems,
)
from tui.services.s3.properties.upload_attributes import DEFAULTS, UploadAttributes
from tui.widgets.dialogs.form_fields import FlagField, NoteField, TextField


def values_of(attributes: UploadAttributes) -> dict[str, str]:
    """The values of the form that shows the attributes."""
    return {
        field.name: ("yes" if field.value else "") if isinstance(field, FlagField) else field.value
        for field in _fields(attributes)
        if not isinstance(field, NoteField)
    }


@pytest.mark.parametrize(
    "attributes",
    [
        DEFAULTS,
        UploadAttributes("GLACIER_IR", "AES256"),
        UploadAttributes(encryption="aws:kms", kms_key="arn:aws:kms:x", bucket_key=True),
        UploadAttributes(
            tags=(("a", "b=c"), ("d", "")), metadata=(("m", "x, y"),), cache_control="no-store"
        ),
    ],
)
def test_what_is_set_is_shown_and_read_back(attributes: UploadAttributes) -> None:
    assert attributes_of(values_of(attributes)) == attributes


def test_a_key_without_its_encryption_is_not_kept() -> None:
    values = values_of(UploadAttributes(encryption="aws:kms", kms_key="k", bucket_key=True))
    assert attributes_of({**values, "encryption": "AES256"}) == UploadAttributes(
        encryption="AES256"
    )


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        ("a=b, c = d ", {"a": "b", "c": "d"}),
        ("a=", {"a": ""}),
        ("a=b, ", {"a": "b"}),
        ('{"a": "b=c, d"}', {"a": "b=c, d"}),
    ],
)
def test_names_and_values_are_written_in_a_line_or_as_json(
    text: str, pairs: dict[str, str]
) -> None:
    assert pairs_in(text) == pairs
    assert entries_problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "'a': write name=value."),
        ("=b", "write name=value."),
        ("a=1, a=2", "'a' stands there twice."),
        ('{"a": 1}', "'a' must be a text in quotes."),
        ('{"a"', "Line 1"),
        ("aws:x=y", "reserved by AWS"),
        ("a=b;c", "a tag has letters"),
        (", ".join(f"t{n}=v" for n in range(11)), "at most 10 tags"),
    ],
)
def test_what_is_wrong_with_tags_is_said_while_they_are_typed(text: str, said: str) -> None:
    assert any(said in problem for problem in tags_problems(text))


def test_metadata_has_the_rules_of_metadata() -> None:
    assert entries_problems("owner=me") == []
    assert "ASCII" in entries_problems("owner=é")[0]
    assert entries_problems("Owner=me")


def test_a_header_that_cannot_be_sent_is_not_named_twice() -> None:
    (field,) = (each for each in _fields(DEFAULTS) if each.name == "disposition")
    assert isinstance(field, TextField)
    assert field.check is not None
    assert field.check("é") == ["it is ASCII text of one line."]
