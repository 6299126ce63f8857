"""The preview of an object, a kind of content in each file."""
