"""Find and replace in the text of the editor."""
