"""Which profiles and regions there are to choose from, as the SDK's own files say.

Blocking; nothing is sent. Raises ServiceError for files that cannot be read.
"""

from __future__ import annotations

from tui.services.aws.translate import translating


def profiles() -> tuple[str, ...]:
    """The profiles of the shared files, in their order."""
    import botocore.session

    with translating("read the profiles"):
        return tuple(botocore.session.Session().available_profiles)


def regions() -> tuple[str, ...]:
    """Every region name that the SDK knows for RDS, sorted."""
    from botocore.loaders import create_loader
    from botocore.regions import EndpointResolver

    # Without a session, so that a broken profile or file can be left by way of this list.
    with translating("read the regions"):
        resolver = EndpointResolver(create_loader().load_data("endpoints"))
        return tuple(sorted(resolver.get_available_endpoints("rds")))


def regions_of_all_partitions() -> set[str]:
    """Every region name that the SDK knows at all."""
    from botocore.loaders import create_loader

    with translating("read the regions"):
        partitions = create_loader().load_data("endpoints")["partitions"]
        return {region for each in partitions for region in each["regions"]}
