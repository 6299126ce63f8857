"""Changing rows in the result that is shown: staged first, then sent together."""
