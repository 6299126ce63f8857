"""The inside of objects as text, tables and differences, from parts that are read of them."""
