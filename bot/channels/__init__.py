"""Channels: a platform's message becomes a message to Rasa, and its answers come back; nothing else."""
