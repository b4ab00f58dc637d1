"""What scripts/make_definitions.py is made of: R4's own definition files to compact tables."""
