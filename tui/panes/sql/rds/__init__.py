"""RDS instances in the SQL pane: list, create, wait for, let in, connect."""
