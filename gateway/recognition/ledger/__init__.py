"""What became of decisions: answers, and where each stands after them."""
