"""Changing rows of a result: which table they are of, the statements, and how they are applied."""
