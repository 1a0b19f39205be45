"""Incidents: graded as they grow, decided by staff, merged, split, closed and opened again."""
