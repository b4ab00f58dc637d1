"""Work that somebody must do, as state tables over Task."""
