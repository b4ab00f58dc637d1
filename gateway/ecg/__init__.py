"""ECGs beyond mapping: the waveform on paper."""
