"""Handlers of the REST routes: they read what the runtime shows and hand actions to it; no tracking happens here."""
