"""How well the assistant understands: marked sentences, scores, and the report with its plots."""
