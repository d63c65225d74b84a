"""What a message goes to: a number in E.164, or an e-mail address."""

from __future__ import annotations

from rules import emails, phones


def masked(recipient: str) -> str:
    """For logs, for the console, and for pages before its owner has proved it."""
    return emails.masked(recipient) if "@" in recipient else phones.masked(recipient)


def shown(recipient: str) -> str:
    """As people write it."""
    return recipient if "@" in recipient else phones.display(recipient)
