"""Subscriptions: who asked to be told of what, and the telling, in order and without a gap.

The outbox, which each commit writes, is read once; what a subscription matches becomes a numbered
event of it, in the transaction that keeps the place in the outbox; then it is told.
"""
