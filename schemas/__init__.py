"""JSON Schemas (2020-12), shipped with the package."""
