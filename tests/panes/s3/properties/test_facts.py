"""What is said of an object: all that is known, and why the rest is not."""

from __future__ import annotations

from tests.services.s3.properties.test_properties import UNTIL, stored
from tests.services.s3.properties.test_property_changes import DENIED, properties
from tui.panes.s3.details import indented
from tui.panes.s3.properties.facts import property_facts, restore_text
from tui.services.s3.properties.models import Acl, Lockless, Retention

EVERYBODY = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'


def test_all_that_is_known_is_said() -> None:
    head = {
        "VersionId": "v1",
        "StorageClass": "GLACIER",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "arn:k",
        "CacheControl": "no-cache",
        "Metadata": {"who": "[red]me"},
        "ChecksumCRC64NVME": "abc=",
        "ChecksumType": "FULL_OBJECT",
        "ReplicationStatus": "COMPLETED",
    }
    acl = Acl("me", "1", (('id="1"', "FULL_CONTROL"), (EVERYBODY, "READ")))
    found = properties(
        head=head,
        tags={"team": ""},
        retention=Retention("GOVERNANCE", UNTIL),
        legal_hold=True,
        acl=acl,
    )
    facts = dict(property_facts(found))
    assert facts["Version"] == "v1"
    assert facts["Checksum"] == "CRC64NVME abc= of the whole object"
    assert facts["Restore"] == "cannot be read; t restores it"
    assert facts["Encryption"] == "aws:kms (key arn:k)"
    assert facts["Cache control"] == "no-cache"
    assert "Content language" in facts["Not set"]
    assert facts["Metadata who"] == "[red]me"
    assert facts["Tag team"] == ""
    assert facts["Retention"].startswith("GOVERNANCE until 2100")
    assert facts["Legal hold"] == "ON"
    assert facts["Owner"] == "me"
    assert ("ACL", f"READ: {EVERYBODY}") in property_facts(found)
    assert facts["Replication"] == "COMPLETED"


def test_what_is_denied_not_set_and_impossible_are_three_things() -> None:
    facts = dict(property_facts(properties(tags=DENIED, acl=DENIED, legal_hold=Lockless())))
    assert facts["Tags"] == facts["Owner, ACL"] == "unknown: access denied (needs s3:X)"
    assert facts["Retention"] == "not set"
    assert facts["Legal hold"] == "the bucket has no object lock"
    assert facts["Metadata"] == "none"
    facts = dict(property_facts(properties(stored=DENIED, tags={"a": "b"})))
    assert "needs s3:X" in facts["Size, headers, metadata"]
    assert facts["Tag a"] == "b"


def test_a_long_value_stands_under_its_beginning_and_loses_nothing() -> None:
    value = "arn:aws:kms:eu-west-1:123456789012:key/1234  two  blanks"
    lines = indented(value, 4, 20).split("\n    ")
    assert "".join(lines) == value
    assert max(len(each) for each in lines) <= 20


def test_the_state_of_a_restore_is_said_where_there_is_an_archive() -> None:
    assert restore_text(stored()) == ""
    under_way = stored(StorageClass="DEEP_ARCHIVE", Restore='ongoing-request="true"')
    assert restore_text(under_way) == "in progress"
    tiering = stored(StorageClass="INTELLIGENT_TIERING", ArchiveStatus="ARCHIVE_ACCESS")
    assert restore_text(tiering) == "in ARCHIVE_ACCESS: cannot be read; t restores it"
