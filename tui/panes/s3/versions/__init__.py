"""The versions of objects: shown, compared, restored, deleted for good."""
