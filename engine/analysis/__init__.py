"""PCM to features."""
