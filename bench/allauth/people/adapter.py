"""What django-allauth asks of a project with phone numbers; its messages go out as datagrams, which cost it least."""

import os
import socket

from allauth.account.adapter import DefaultAccountAdapter

from people.models import Phone

SINK = ("127.0.0.1", int(os.environ.get("SINK", "0")))
SENDER = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


class Adapter(DefaultAccountAdapter):
    def send_verification_code_sms(self, user, phone, code, **kwargs):
        SENDER.sendto(f"{phone} {code}".encode(), SINK)

    def get_phone(self, user):
        phone = Phone.objects.filter(user=user).first()
        return (phone.number, phone.verified) if phone else None

    def set_phone(self, user, phone, verified):
        Phone.objects.update_or_create(user=user, defaults={"number": phone, "verified": verified})

    def set_phone_verified(self, user, phone):
        Phone.objects.filter(user=user, number=phone, verified=False).update(verified=True)

    def get_user_by_phone(self, phone):
        found = Phone.objects.select_related("user").filter(number=phone).first()
        return found.user if found else None
