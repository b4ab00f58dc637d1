"""Bytes of the source standards to typed records and back."""
