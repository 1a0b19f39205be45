"""Townships, villages, their other names, and positions on the map."""
