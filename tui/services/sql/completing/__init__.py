"""What could stand where somebody types."""
