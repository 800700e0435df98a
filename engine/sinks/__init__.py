"""Where frames go: one sink a file."""
