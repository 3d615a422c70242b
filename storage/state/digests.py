"""Digests that file names are made of.

Source: store.md §3.
"""

from __future__ import annotations

import sys

try:
    # Every command that looks for a name needs a digest. hashlib would load OpenSSL for it: a twentieth of a short
    # command. The standard library's own modules go round it like this.
    if sys.version_info >= (3, 12):
        from _sha2 import sha256  # type: ignore[import-not-found]
    else:
        from _sha256 import sha256  # type: ignore[import-not-found]
except ImportError:  # an interpreter built without it
    from hashlib import sha256


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex; lone surrogates, as in names of files that are no UTF-8, count too."""
    digest: str = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return digest
