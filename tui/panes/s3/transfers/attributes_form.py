"""The form of what is set on every object of an upload."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from tui.services.s3.properties.property_changes import STORAGE_CLASSES
from tui.services.s3.properties.property_rules import (
    header_problems,
    metadata_problems,
    read_document,
    tag_set_problems,
    texts_in,
)
from tui.services.s3.properties.upload_attributes import UploadAttributes
from tui.widgets.dialogs.forms import ChoiceField, Field, FlagField, FormDialog, TextField, Values

HOW = 'name=value, name2=value2; or JSON where a value has a comma: {"name": "a, b"}'

_HEADERS = {
    "type": "Content-Type",
    "cache": "Cache-Control",
    "disposition": "Content-Disposition",
}


def attributes_form(now: UploadAttributes) -> FormDialog[UploadAttributes]:
    """The form, filled with what is set now."""

    async def made(values: Values) -> UploadAttributes:
        return attributes_of(values)

    return FormDialog(
        "What every object of this upload gets",
        _fields(now),
        submit=made,
        submit_label="Set",
        only_reads=True,
    )


def _fields(now: UploadAttributes) -> list[Field]:
    classes = [("the default (STANDARD)", ""), *((each, each) for each in STORAGE_CLASSES)]
    return [
        ChoiceField(
            "class",
            "Storage class",
            classes,
            now.storage_class,
            note="GLACIER and DEEP_ARCHIVE are read only after a restore (t).",
        ),
        ChoiceField(
            "encryption",
            "Encryption",
            [
                ("the bucket's default", ""),
                ("keys of S3's own (SSE-S3)", "AES256"),
                ("a KMS key (SSE-KMS)", "aws:kms"),
                ("a KMS key, two layers (DSSE-KMS)", "aws:kms:dsse"),
            ],
            now.encryption,
        ),
        TextField(
            "key",
            "KMS key",
            now.kms_key,
            note="ARN or id of the key; empty is the account's default key for S3.",
            when=lambda values: values["encryption"].startswith("aws:kms"),
            check=partial(_header_problems, "KMS key"),
        ),
        FlagField(
            "bucket_key",
            "Bucket key",
            now.bucket_key,
            note="Fewer requests to KMS, which are billed.",
            when=lambda values: values["encryption"] == "aws:kms",
        ),
        TextField("tags", "Tags", _written(now.tags), note=HOW, check=tags_problems, wide=True),
        TextField(
            "metadata",
            "Metadata",
            _written(now.metadata),
            note="The same way; each becomes x-amz-meta-name.",
            check=entries_problems,
            wide=True,
        ),
        *(
            TextField(
                name,
                header,
                value,
                note=note,
                check=partial(_header_problems, header),
            )
            for (name, header), value, note in zip(
                _HEADERS.items(),
                (now.content_type, now.cache_control, now.content_disposition),
                (
                    "Empty: guessed by each file's name.",
                    "For example: max-age=3600",
                    "For example: attachment",
                ),
                strict=True,
            )
        ),
    ]


def attributes_of(values: Values) -> UploadAttributes:
    """What the form says, without problems."""
    encryption = values["encryption"]
    return UploadAttributes(
        values["class"],
        encryption,
        values["key"].strip() if encryption.startswith("aws:kms") else "",
        encryption == "aws:kms" and values["bucket_key"] == "yes",
        tuple(pairs_in(values["tags"]).items()),
        tuple(pairs_in(values["metadata"]).items()),
        values["type"],
        values["cache"],
        values["disposition"],
    )


def pairs_in(text: str) -> dict[str, str]:
    """The names and values of a line. Raises ValueError."""
    if not text.strip():
        return {}
    if text.lstrip().startswith("{"):
        return {
            name: value or ""
            for name, value in texts_in(read_document(text), removable=False).items()
        }
    found: dict[str, str] = {}
    # A comma at the end may be the beginning of what is typed next.
    for part in text.strip().removesuffix(",").split(","):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not name or not equals:
            raise ValueError(f"{part.strip()!r}: write name=value.")
        if name in found:
            raise ValueError(f"{name!r} stands there twice.")
        found[name] = value
    return found


def tags_problems(text: str) -> list[str]:
    """What is wrong with the tags as they are typed."""
    return _problems(text, tag_set_problems)


def entries_problems(text: str) -> list[str]:
    """What is wrong with the metadata as it is typed."""
    return _problems(text, metadata_problems)


def _header_problems(header: str, value: str) -> list[str]:
    # The form names the field.
    return [each.removeprefix(f"{header}: ") for each in header_problems(header, value)]


def _problems(text: str, rules: Callable[[Mapping[str, str]], list[str]]) -> list[str]:
    try:
        return rules(pairs_in(text))
    except ValueError as error:
        return [str(error)]


def _written(pairs: tuple[tuple[str, str], ...]) -> str:
    if any("," in name + value or name.startswith("{") for name, value in pairs):
        return json.dumps(dict(pairs), ensure_ascii=False)
    return ", ".join(f"{name}={value}" for name, value in pairs)
