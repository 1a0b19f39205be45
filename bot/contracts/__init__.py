"""The contract desk: the checklist of a contract at hand, its deadlines, and a first look at a draft."""
