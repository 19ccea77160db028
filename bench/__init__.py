"""Measurements: lowsky beside references, beside Stone Soup and on reports that no one simulated.

Nothing of the product imports this package. The programs are run as modules from the project's root,
`python -m bench.run`, with the development environment.
"""
