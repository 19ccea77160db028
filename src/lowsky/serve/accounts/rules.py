"""What names, roles and passwords may be.

Passwords follow NIST SP 800-63B section 3.1.1.2: length counts and composition does not; a password that is the name,
one repeated character or one of the few that everybody tries is refused. Names are compared after Unicode
normalisation (NFKC, case folded), so that no two accounts look the same by letter case or width.
"""

from __future__ import annotations

import unicodedata

from lowsky.model.errors import InputError
from lowsky.serve.route import Role

LONGEST_NAME = 64
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256  # characters; more would only let strangers make us hash megabytes
MARKS_IN_NAMES = "._-@+"
RESERVED = frozenset({"local", "system", "anonymous"})  # names the server itself appears under
HELD = tuple(role for role in Role if role is not Role.PUBLIC)  # roles an account or a token can have
TRIED_FIRST = frozenset(
    """
    password12 password123 password1234 passw0rd123 1234567890 12345678910 123456789012 0123456789 0987654321 9876543210
    qwertyuiop qwerty12345 qwerty123456 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc asdfghjkl1 abcdefghij abcd123456 iloveyou12
    administrator administrator1 letmein123 welcome123 changeme123 lowsky1234 lowskylowsky
    """.split()
)


def normal_name(name: str) -> str:
    """The form under which a name is stored and compared.

    Raises:
        InputError: if the name is empty, too long, reserved, or holds other than letters, digits and `._-@+`.
    """
    normal = unicodedata.normalize("NFKC", name).casefold().strip()
    if not 1 <= len(normal) <= LONGEST_NAME:
        raise InputError(f"name: must have 1 to {LONGEST_NAME} characters, not {len(normal)}")
    wrong = next((c for c in normal if not (c.isalnum() or c in MARKS_IN_NAMES)), None)
    if wrong is not None or not normal[0].isalnum():
        raise InputError(f"name: {normal!r} must begin with a letter or digit and hold only those and {MARKS_IN_NAMES}")
    if normal in RESERVED:
        raise InputError(f"name: {normal!r} is used by the server itself")
    return normal


def lookup_name(name: str) -> str:
    """The form to look a name up by; what cannot be a name gives "", which nobody has."""
    try:
        return normal_name(name[: 4 * LONGEST_NAME])
    except InputError:
        return ""


def check_password(password: str, name: str) -> None:
    """Refuse a password that would be guessed.

    Raises:
        InputError: saying what is wrong with it, never repeating it.
    """
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < SHORTEST_PASSWORD:
        raise InputError(f"password: must have at least {SHORTEST_PASSWORD} characters, not {len(normal)}")
    if len(normal) > LONGEST_PASSWORD:
        raise InputError(f"password: must have at most {LONGEST_PASSWORD} characters, not {len(normal)}")
    plain = normal.casefold().strip()
    if plain == name or plain == name * (len(plain) // max(len(name), 1)):
        raise InputError("password: must not be the name")
    if len(set(plain)) < 4 or plain in TRIED_FIRST:
        raise InputError("password: is one of those that are tried first")


def role_of(word: str) -> Role:
    """The role that an account or a token is to have.

    Raises:
        InputError: naming the word and the roles there are.
    """
    for role in HELD:
        if role.value == word:
            return role
    raise InputError(f"role: {word!r} is not one of {', '.join(role.value for role in HELD)}")
