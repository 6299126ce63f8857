"""A connection that was not made: what is looked at, which cause it comes to, what can be done."""
