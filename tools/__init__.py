"""Tools for development: benchmarks and checks. Nothing here is needed to serve."""

import bot  # noqa: F401  before numpy, see bot/blas.py
