"""Resources, history, indexes, search, inbox, outbox: one schema, one writer."""
