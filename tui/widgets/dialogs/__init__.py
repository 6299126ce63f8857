"""Questions, forms, lists to choose from, and what happens to keys meanwhile."""
