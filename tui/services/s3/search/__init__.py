"""Names and texts that a person looks for, under a prefix and inside objects."""
