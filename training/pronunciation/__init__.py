"""What the pronunciation of words is learned from, and how."""
