"""Accounts: users, sessions, tokens, the first administrator; their store and their routes."""
