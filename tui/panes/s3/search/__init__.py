"""What is found under a prefix: names, text inside objects, sizes."""
