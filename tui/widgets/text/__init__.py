"""Text and values of any length, made safe for the terminal."""
