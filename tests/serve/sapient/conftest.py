"""The tests against a real middleware are there only where one is: `LOWSKY_APEX` names its checkout."""

import os

collect_ignore = [] if os.environ.get("LOWSKY_APEX") else ["test_apex.py"]
