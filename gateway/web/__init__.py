"""The clinicians' pages: server-rendered HTML over the same door as the API."""
