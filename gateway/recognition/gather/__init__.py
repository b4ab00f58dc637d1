"""From the clinical index to facts: what a link set has of the ordered items."""
