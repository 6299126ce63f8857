"""A result as a pandas frame."""
