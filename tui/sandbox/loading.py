"""Less to read while the emulator is loaded, which took a third of its start.

It makes sessions of the SDK by the dozen. Each of them looks through the folders of all services
and parses the list of all endpoints.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

_OFFERINGS = "ec2/resources/instance_type_offerings/"
"""Which kinds of EC2 instances each zone has: 60 files, and nobody here starts such instances."""

_OF_EC2 = {"metadata": {"endpointPrefix": "ec2"}}
"""All of the SDK's description of EC2, its largest file, that the emulator needs to load."""


@contextlib.contextmanager
def light_loading() -> Iterator[None]:
    """Read each of the SDK's files once in here, and nothing of EC2 that is not used.

    For the process of the sandbox alone: all its threads read so.
    """
    from botocore import session
    from moto.core import loaders
    from moto.utilities import utils

    load_resource = utils.load_resource
    get_service_data = session.Session.get_service_data

    def load_without_offerings(resource: str) -> Any:
        return [] if resource.startswith(_OFFERINGS) else load_resource(resource)

    def get_without_ec2(of: Any, service_name: str, api_version: str | None = None) -> Any:
        if service_name == "ec2":
            return _OF_EC2
        return get_service_data(of, service_name, api_version)

    # A loader keeps what it has read.
    with (
        patch.object(session, "create_loader", cache(session.create_loader)),
        patch.object(session.Session, "get_service_data", get_without_ec2),
        patch("moto.core.utils.create_loader", cache(loaders.create_loader)),
        patch.object(utils, "load_resource", load_without_offerings),
    ):
        yield
