"""Mutual recognition (互认): catalogue, quality evidence, decision, ledger, statistics."""
