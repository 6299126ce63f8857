"""Plans of statements: asked for, read, and what stands out in them."""
