"""Eldercare service points: what they offer, where they are, when they are open."""
