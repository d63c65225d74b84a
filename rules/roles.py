"""What each kind of admin may do in the console. Whatever is not named here is for owners and admins."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"  # everything, and who else is an admin
    ADMIN = "admin"
    SUPPORT = "support"  # helps people; sees masked numbers only
    AUDITOR = "auditor"  # looks, and changes nothing


# By the last part of the endpoint's name: who may read it (GET), and who may use it (POST).
READ = {
    "messages": {Role.SUPPORT, Role.AUDITOR},
    "message": {Role.SUPPORT, Role.AUDITOR},
    "figures": {Role.SUPPORT, Role.AUDITOR},
    "users": {Role.SUPPORT, Role.AUDITOR},
    "user": {Role.SUPPORT, Role.AUDITOR},
    "audit": {Role.AUDITOR},
    "audit_csv": {Role.AUDITOR},
    "list_clients": {Role.AUDITOR},
    "client": {Role.AUDITOR},
    "list_organizations": {Role.SUPPORT, Role.AUDITOR},
    "organization": {Role.SUPPORT, Role.AUDITOR},
    "invitations": {Role.SUPPORT, Role.AUDITOR},
    "invitation_file": {Role.SUPPORT, Role.AUDITOR},
    "members": {Role.SUPPORT, Role.AUDITOR},
    "list_webhooks": {Role.AUDITOR},
    "webhook": {Role.AUDITOR},
    "guard": {Role.AUDITOR},
    "settings": {Role.AUDITOR},
    "history": {Role.AUDITOR},
    "front": {Role.SUPPORT, Role.AUDITOR},
}
USE = {
    "suspend_user": {Role.SUPPORT},
    "open_user": {Role.SUPPORT},
    "end_user_sessions": {Role.SUPPORT},
    "sign_out": {Role.SUPPORT, Role.AUDITOR},
}
ONES_OWN = {"totp_setup", "own_password"}
OWNERS_ONLY = {"admins", "change_admin"}


def may(role: str, page: str, *, reads: bool) -> bool:
    """Whether an admin of this role may open a page of the console, or send its form."""
    if role == Role.OWNER:
        return True
    if page in OWNERS_ONLY:
        return False
    if role == Role.ADMIN or page in ONES_OWN:
        return True
    return role in (READ if reads else USE).get(page, set())


def sees_numbers(role: str) -> bool:
    """Whole, rather than masked."""
    return role in (Role.OWNER, Role.ADMIN)
