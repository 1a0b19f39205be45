"""The four documents: their digest in our own words, search over it, and answers with the clause cited."""
