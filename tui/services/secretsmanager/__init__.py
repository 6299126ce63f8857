"""AWS Secrets Manager: the login of a database, as RDS and its rotation write it."""

from tui.services.secretsmanager.models import DatabaseLogin, to_login
from tui.services.secretsmanager.service import SecretsManagerService

__all__ = ["DatabaseLogin", "SecretsManagerService", "to_login"]
