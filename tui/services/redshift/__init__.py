"""Redshift: its clusters and serverless workgroups, and temporary logins to them."""

from tui.services.redshift.models import RedshiftLogin, Warehouse
from tui.services.redshift.service import RedshiftService

__all__ = ["RedshiftLogin", "RedshiftService", "Warehouse"]
