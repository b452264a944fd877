"""What `cewen doctor` tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and in a sentence what is so or how to mend it."""

    about: str
    well: bool
    says: str
