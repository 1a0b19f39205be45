"""The commands of `wuchang`, one module a kind; each has `add`, which puts its own into a parser."""
