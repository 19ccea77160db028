"""The site's configuration: one TOML file, checked field by field."""

from .site_file import SiteConfig, read_site

__all__ = ["SiteConfig", "read_site"]
