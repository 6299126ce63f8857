"""The sandbox: an emulated AWS and real PostgreSQL servers, in a process of their own."""

from tui.sandbox.sandbox import Sandbox, SandboxInfo, scrub_environment

__all__ = ["Sandbox", "SandboxInfo", "scrub_environment"]
