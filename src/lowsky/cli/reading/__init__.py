"""Bytes of any format from anywhere, as items that people and programs can read: what `lowsky decode` does."""
