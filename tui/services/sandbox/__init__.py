"""The sandbox: an emulated AWS and real PostgreSQL servers, in a process of their own."""

from tui.services.sandbox.environment import scrub_environment
from tui.services.sandbox.models import SandboxInfo
from tui.services.sandbox.sandbox import Sandbox

__all__ = ["Sandbox", "SandboxInfo", "scrub_environment"]
