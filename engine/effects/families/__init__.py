"""The effects as data, a module to a family; engine.effects.catalog puts them together. No Taichi here."""
