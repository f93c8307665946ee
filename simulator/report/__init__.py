"""Answers for people and machines: text, JSON and HTML. Nothing here decides anything, and nothing here knows AWS's rules."""
