"""What is written down of transfers, so that a killed application goes on with them."""
