"""Decoding what objects hold: packed bytes, tables, trees. No screen and no request here."""
