"""The catalog of the database as a tree: what is in it, and how each thing is defined."""
