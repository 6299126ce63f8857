"""The form for the parameters of statements."""
