"""A connection at work: statements run, their transactions, their results."""
