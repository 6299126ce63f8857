"""Objects and versions deleted, and what was deleted looked at."""
