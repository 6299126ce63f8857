"""What the commands and programs that can be copied share: where they go. Nothing in them is a
secret, and no SDK is imported."""

from __future__ import annotations

from tui.services.aws.models import Target


def cli_options(target: Target) -> list[tuple[str, str]]:
    """The options of the AWS CLI, with their values, that lead to the target."""
    options = (
        ("--profile", target.profile),
        ("--region", target.region),
        ("--endpoint-url", target.endpoint_url),
    )
    return [(name, value) for name, value in options if value]


def client_code(service: str, target: Target) -> str:
    """Python that makes a client of the target, named like the service."""
    session = f"boto3.Session(profile_name={target.profile!r})" if target.profile else "boto3"
    arguments = [repr(service)]
    if target.region:
        arguments.append(f"region_name={target.region!r}")
    if target.endpoint_url:
        arguments.append(f"endpoint_url={target.endpoint_url!r}")
    return f"import boto3\n\n{service} = {session}.client({', '.join(arguments)})\n"
