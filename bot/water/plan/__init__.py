"""The plan's own rules (3.2, 4.2, 5, 6): facts and moments in, grades, duties and clocks out. Pure functions."""
