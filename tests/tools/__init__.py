"""Tests of the tools for development."""
