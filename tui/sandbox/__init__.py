"""The sandbox: an emulated AWS and real PostgreSQL servers, in a process of their own."""

from tui.sandbox.environment import scrub_environment
from tui.sandbox.models import SandboxInfo
from tui.sandbox.sandbox import Sandbox

__all__ = ["Sandbox", "SandboxInfo", "scrub_environment"]
