"""The Telegram channel: updates in by webhook or long polling, answers out from the outbox."""
