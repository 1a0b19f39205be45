"""What a turn of a conversation is: a message as understood, and what is to be said and asked next.

Plain data, so that intakes (of a report, a care request ...) are pure functions and are tested
without Rasa. The actions translate to and from Rasa's tracker.
"""
