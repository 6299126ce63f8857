"""Shared pieces of the interface: grid, commands, forms, dialogs, safe text."""
