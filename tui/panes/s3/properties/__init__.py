"""The properties of objects: shown, changed, restored from an archive."""
