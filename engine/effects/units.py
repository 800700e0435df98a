"""Units that parameters are told in."""

SHORT = "half of the shorter side"
LIGHT = "linear light"
