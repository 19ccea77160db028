"""Addresses that bytes come from and go to, and the connections behind them; sources and outputs share these."""
