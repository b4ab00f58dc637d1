"""Whether a resource keeps to what definitions say: invariants, bindings, extensions, profiles."""
