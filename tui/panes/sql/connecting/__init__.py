"""Choosing a server, getting in, and being connected."""
