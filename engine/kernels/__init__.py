"""Shared Taichi functions: portable maths, raster loops, noise, colour, SDF."""
