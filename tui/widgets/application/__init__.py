"""What every application and every screen of ours does, whatever is on it."""
