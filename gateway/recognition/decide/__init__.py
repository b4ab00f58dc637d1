"""The decision itself, pure: facts in, verdicts and an outcome out, one module a rule."""
