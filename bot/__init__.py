"""屋场助手: the library, one folder a subject (docs/architecture.md)."""
