"""The asyncio shell round the core: sources, API, live feed, map, accounts and deliveries."""
