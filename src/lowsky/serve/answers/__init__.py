"""Types of the REST answers, requests and text messages of the feed: declared once, for JSON and for OpenAPI.

Times are milliseconds since 1970 UTC (float), angles degrees, the rest as the names say. None is unknown.
"""
