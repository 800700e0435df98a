"""One effect a file; catalog.py describes their parameters without importing Taichi."""
