"""Codes and what is said of them: code systems, value sets, maps between them."""
