"""The official texts: a published file is read, cut into clauses, and kept with its dates."""
