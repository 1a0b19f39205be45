"""Who has to tell whom by when, what is done, and how those on duty hear of it."""
