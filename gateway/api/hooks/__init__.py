"""CDS Hooks 2.0.1: recognition in the order entry of a client that knows only the specification.

https://cds-hooks.hl7.org/2.0/
"""
