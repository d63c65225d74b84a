"""Which pages the walks stop at, and which they leave out. A new page is named here, or tests/house complains; and the
walks (tests/browser/test_looks.py) must come by each that is named."""

from __future__ import annotations

_BY_FOLDER = {
    "account": (
        "add applications code contacts data delete events factor invitations linked organizations overview "
        "password prove security sessions username"
    ),
    "complete": "done password terms username",
    "console": (
        "admins api audit client clients connector connectors delete delete_client delete_organization "
        "delete_webhook email figures guard history invitation_file invitations json link_over look_up members "
        "message messages new_client new_organization new_webhook organization organizations own_password refused "
        "settings setup sign_in switch templates totp_setup transfer try_client upstream upstreams user users webhook "
        "webhook_delivery webhooks"
    ),
    "dev": "messages",
    "errors": "again page",
    "forgot_password": "closed code new over start",
    "invitation": "ask code not_mine open over",
    "linking": "ask code",
    "mfa": (
        "app backup_code backup_codes code email enrol new_owner new_passkey none offer over passkey password sms "
        "totp ways"
    ),
    "openid": "answer consent device device_done not_signed_in organization sign_out",
    "sign_in": "closed code create_account lost_number password start",
    "sign_out": "done",
    "sign_up": "closed code name start",
    "upstream": "arrive start",
}
SEEN = {f"{folder}/{name}" for folder, names in _BY_FOLDER.items() for name in names.split()}
NOT_SEEN = {
    "challenge/solve": "brings altcha, with a weight of its own: tests/browser/test_challenge.py looks at it",
}
