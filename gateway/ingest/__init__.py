"""From a received message to resources: keep it, acknowledge it, resolve it, store it."""
