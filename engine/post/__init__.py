"""Post passes; catalog.py describes their parameters without importing Taichi."""
