"""What recognition came to, counted as those ask who must report it."""
