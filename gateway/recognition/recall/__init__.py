"""What befell results that somebody relied on, and who is told of it."""
