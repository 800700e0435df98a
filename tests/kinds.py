"""A preset for each way in which the engine draws."""

KINDS = ("aurora", "spectrum", "radial", "scope", "tunnel", "warp", "particles")
"""What compiles anew (another quality, another number of threads) is tried on these: a preset costs seconds there."""
