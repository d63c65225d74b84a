"""What a message goes to: a number in E.164, or an e-mail address."""

from __future__ import annotations

from rules import emails, phones


def masked(recipient: str) -> str:
    """For logs and for the console."""
    return emails.masked(recipient) if "@" in recipient else phones.masked(recipient)
