"""trackreel's engine: draws frames from a scene and a timeline. Knows nothing of YAML, joblib or the command line."""
