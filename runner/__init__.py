"""Decides what to draw, and where: jobs, plans, workers, the command line."""
