"""Tools for development: benchmarks and checks. Nothing here is needed to serve."""
