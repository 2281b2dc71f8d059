"""What the product costs, measured: `python -m bench` compares it with its peers."""
