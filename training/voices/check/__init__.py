"""What is wrong with recordings: findings, and a page with players."""
