"""What there is under a prefix: page by page, and all of it in parallel ranges."""
