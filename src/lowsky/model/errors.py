"""The one error that outside input may cause.

Whatever is wrong with a file, a line or a setting somebody gave us ends as `InputError` with one sentence that names
the source and the reason. The command line prints that sentence and exits with status 2; a traceback is always a
defect of lowsky.
"""

from __future__ import annotations


class InputError(Exception):
    """Input that cannot be used at all; the message is one sentence naming source, field and value."""
