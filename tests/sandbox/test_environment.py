"""A sandboxed process cannot find real credentials."""

from __future__ import annotations

import os
from pathlib import Path

import boto3
import psutil
import pytest

from tui.sandbox import SandboxInfo, scrub_environment
from tui.sandbox.sandbox import sealed_environment


def test_settings_of_aws_and_postgresql_are_gone_and_the_rest_stays() -> None:
    sealed = sealed_environment(
        {
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_PROFILE": "prod",
            "AWS_ENDPOINT_URL_S3": "https://real",
            "PGHOST": "prod-db",
            "PGPASSWORD": "secret",
            "HOME": "/home/carol",
        }
    )
    assert sealed["HOME"] == "/home/carol"
    assert not {"AKIA", "prod", "https://real", "prod-db", "secret"} & set(sealed.values())


def test_sdk_finds_nothing_after_the_scrub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(key)
    files = tmp_path / "home" / ".aws"
    files.mkdir(parents=True)
    (files / "credentials").write_text(
        "[default]\naws_access_key_id = AKIA\naws_secret_access_key = real\n"
    )
    assert boto3.Session().get_credentials() is not None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    scrub_environment()
    assert boto3.Session().get_credentials() is None
    assert boto3.Session().available_profiles == []


def test_supervisor_runs_sealed_and_on_loopback_only(sandbox: SandboxInfo) -> None:
    supervisor = psutil.Process(sandbox.pid)
    assert supervisor.environ()["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    for process in [supervisor, *supervisor.children(recursive=True)]:
        listening = [c for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
        assert {c.laddr.ip for c in listening} <= {"127.0.0.1"}


def test_secrets_are_not_in_the_repr(sandbox: SandboxInfo) -> None:
    assert "password" not in repr(sandbox)
    assert sandbox.credentials.secret_key not in repr(sandbox)
