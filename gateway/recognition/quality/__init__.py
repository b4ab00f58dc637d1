"""Quality evidence of laboratories, and the marks of mutual recognition (HR) that rest on it."""
