"""The one door: every read and write of a resource, judged, stored, recorded and told."""
