"""Formats that any store may hold: JSON, pictures, plain bytes."""
