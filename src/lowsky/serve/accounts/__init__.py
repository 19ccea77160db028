"""Accounts: users, sessions, tokens, the first administrator; their store and their routes."""

from .accounts import FILE_NAME, Accounts
from .settings import AccountSettings
from .visitor import NOBODY, Proof, Visitor

__all__ = ["FILE_NAME", "NOBODY", "AccountSettings", "Accounts", "Proof", "Visitor"]
