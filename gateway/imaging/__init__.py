"""Imaging beyond mapping: objects taken in, studies kept, DICOMweb."""
