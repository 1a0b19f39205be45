"""Running Rasa: training when inputs changed, the conversation store, the servers."""
