"""The settings of a bucket: read as they are, refused when wrong, put back whole."""

from __future__ import annotations

import json

import pytest

from tests.local_server import Answer, HangUpError, Request, serving
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Account, StaticCredentials, Target, session
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service, Unknown
from tui.services.s3.bucket.bucket_settings import beginning, can_remove, can_write
from tui.services.s3.bucket.setting_rules import Setting, opens_to_anybody, setting_problems

CHANGED = [each for each in Setting if can_write(each)]


def allow(principal: object, **more: object) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        **more,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("setting", CHANGED)
async def test_a_setting_is_written_read_and_taken_away(
    s3: S3Service, bucket: str, setting: Setting
) -> None:
    before = (await s3.read_settings(bucket))[setting]
    assert not isinstance(before, Unknown)
    await s3.write_setting(bucket, setting, beginning(setting, bucket), before=before)
    written = (await s3.read_settings(bucket))[setting]
    assert isinstance(written, str)
    assert setting_problems(setting, written) == []
    # What was read can be put back as it is.
    await s3.write_setting(bucket, setting, written, before=written)
    if can_remove(setting):
        await s3.write_setting(bucket, setting, " \n", before=written)
        removed = (await s3.read_settings(bucket))[setting]
        assert removed is None or setting is Setting.ENCRYPTION
    else:
        with pytest.raises(ServiceError) as caught:
            await s3.write_setting(bucket, setting, "", before=written)
        assert caught.value.kind is ErrorKind.INVALID


async def test_a_policy_keeps_what_is_written_in_it(
    s3: S3Service, bucket: str, account: Account
) -> None:
    policy = allow({"AWS": "arn:aws:iam::123456789012:root"}, Sid="Zürich [red]")
    policy = policy.replace("arn:aws:s3:::b/", f"arn:aws:s3:::{bucket}/")
    await s3.write_setting(bucket, Setting.POLICY, policy, before=None)
    stored = account.connection.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    assert json.loads(stored) == json.loads(policy)
    found = (await s3.read_settings(bucket))[Setting.POLICY]
    assert isinstance(found, str)
    assert "Zürich [red]" in found


async def test_what_somebody_else_changed_is_not_overwritten(s3: S3Service, bucket: str) -> None:
    tags = '{"TagSet": [{"Key": "a", "Value": "1"}]}'
    await s3.write_setting(bucket, Setting.TAGS, tags, before=None)
    with pytest.raises(ServiceError) as caught:
        await s3.write_setting(bucket, Setting.TAGS, tags.replace("1", "2"), before=None)
    assert caught.value.kind is ErrorKind.CONFLICT
    found = (await s3.read_settings(bucket))[Setting.TAGS]
    assert isinstance(found, str)
    assert '"1"' in found


async def test_each_setting_may_be_denied_alone() -> None:
    with scripted(*[error(403, "AccessDenied")] * len(Setting)) as (s3, _):
        found = await s3.read_settings("some-bucket")
    denied = {each: str(state) for each, state in found.items() if isinstance(state, Unknown)}
    assert set(denied) == set(Setting)
    assert "s3:GetBucketPolicy" in denied[Setting.POLICY]
    assert "s3:GetLifecycleConfiguration" in denied[Setting.LIFECYCLE]
    assert "s3:GetBucketCORS" in denied[Setting.CORS]
    assert "s3:GetEncryptionConfiguration" in denied[Setting.ENCRYPTION]


async def test_a_bucket_that_is_not_there_is_an_error(s3: S3Service) -> None:
    with pytest.raises(ServiceError):
        await s3.read_settings("there-is-no-such-bucket-here")


@pytest.mark.parametrize(
    ("setting", "text", "said"),
    [
        (Setting.TAGS, '{"TagSet": [', "Line 1, column 13"),
        (Setting.TAGS, "[]", "must be an object"),
        (Setting.TAGS, '{"Tags": []}', "field TagSet"),
        (Setting.TAGS, '{"TagSet": {}}', "must be a list"),
        (Setting.VERSIONING, '{"Status": "Off"}', "Enabled or Suspended"),
        (Setting.LIFECYCLE, "[" * 100_000, "nested too deeply"),
        (Setting.POLICY, "{}", "must be a list"),
        (Setting.POLICY, '{"Statement": [1]}', "Statement 1 must be an object"),
        (Setting.POLICY, '{"Statement": [{"Effect": "allow"}]}', "Allow or Deny"),
        (Setting.POLICY, '{"Statement": [{"Effect": "Deny"}]}', "needs Principal"),
        (Setting.POLICY, allow("*", Sid="x" * 21_000), "at most 20 KB"),
    ],
)
def test_what_is_wrong_is_said_before_it_is_sent(setting: Setting, text: str, said: str) -> None:
    assert any(said in problem for problem in setting_problems(setting, text))


@pytest.mark.parametrize(
    ("policy", "opens"),
    [
        (allow("*"), True),
        (allow({"AWS": "*"}), True),
        (allow({"AWS": ["arn:aws:iam::1:root", "*"]}), True),
        (allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False),
        (allow({"AWS": "arn:aws:iam::1:root"}), False),
        (allow("*", Effect="Deny"), False),
        ("not json", False),
    ],
)
def test_a_policy_that_opens_the_bucket_is_seen(policy: str, opens: bool) -> None:
    assert opens_to_anybody(policy) is opens


def test_what_opens_it_under_a_condition_is_seen_too() -> None:
    condition = {"StringLike": {"aws:UserAgent": "*"}}
    assert opens_to_anybody(allow("*", Condition=condition), on_condition=True)
    assert not opens_to_anybody(allow({"AWS": "1"}, Condition=condition), on_condition=True)
    assert not opens_to_anybody(allow("*"), on_condition=True)


async def test_saving_lifecycle_rules_keeps_what_is_set_beside_them() -> None:
    rules = (
        "<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status>"
        "<Filter><Prefix></Prefix></Filter></Rule></LifecycleConfiguration>"
    )
    size = {"x-amz-transition-default-minimum-object-size": "varies_by_storage_class"}
    with scripted(Answer(200, rules, size)) as (s3, script):
        now = (await s3.read_settings("some-bucket"))[Setting.LIFECYCLE]
        assert isinstance(now, str)
        await s3.write_setting("some-bucket", Setting.LIFECYCLE, now, before=now)
    (put,) = [each for each in script.requests if each.method == "PUT"]
    sent = {name.lower(): value for name, value in put.headers.items()}
    assert sent["x-amz-transition-default-minimum-object-size"] == "varies_by_storage_class"


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_setting_whose_answer_is_lost_is_looked_at(
    arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)
    stored = b""

    def respond(request: Request) -> Answer:
        nonlocal stored
        if request.method == "PUT":
            stored = request.body if arrives else b""
            raise HangUpError
        return Answer(200, stored) if stored else error(404, "NoSuchTagSet")

    tags = '{"TagSet": [{"Key": "a", "Value": "1"}]}'
    with serving(respond) as url:
        keys = StaticCredentials("key", "secret")
        account = Account(Target(None, "us-east-1", url), credentials=keys)
        s3 = S3Service(account)
        written = s3.write_setting("some-bucket", Setting.TAGS, tags, before=None)
        if arrives:
            await written
        else:
            with pytest.raises(ServiceError) as caught:
                await written
            assert caught.value.kind is ErrorKind.UNKNOWN
            assert "Open the settings again" in caught.value.hint
        s3.close()
        account.close()


async def test_what_a_server_drops_of_a_lifecycle_is_told() -> None:
    """As MinIO does."""
    rule = "<Rule><ID>x</ID><Status>Enabled</Status><Filter/>{}</Rule>"
    expires = "<Expiration><Days>3</Days></Expiration>"
    kept = f"<LifecycleConfiguration>{rule.format(expires)}</LifecycleConfiguration>"
    asked = {
        "ID": "x",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": 3},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    none = error(404, "NoSuchLifecycleConfiguration")
    with scripted(none, Answer(200), Answer(body=kept)) as (s3, _):
        dropped = await s3.write_setting(
            "bucket", Setting.LIFECYCLE, json.dumps({"Rules": [asked]}), before=None
        )
    assert dropped == ("AbortIncompleteMultipartUpload",)
