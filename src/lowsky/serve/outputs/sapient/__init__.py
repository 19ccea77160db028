"""SAPIENT out: lowsky as a node of somebody's system, over TCP or TLS. See docs/formats/sapient.md."""
