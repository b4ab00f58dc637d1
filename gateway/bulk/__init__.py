"""Whole data sets out and in: $export and $import, as jobs."""
