"""A Django site with django-allauth's sign-in by phone and code, set up as for production, on SQLite.

``python yardstick.py DATABASE PORT PROCESSES`` makes the tables and 5,000 users, then serves under waitress, as our own
server does: with several processes all are forked on one socket.
"""

import os
import signal
import socket
import sys
from pathlib import Path

import django
import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections

HERE = Path(__file__).parent
APPS = ["auth", "contenttypes", "sessions", "messages"]


def configure(database: str) -> None:
    settings.configure(
        DEBUG=False,
        SECRET_KEY="only a yardstick, and long enough for it, 0123456789",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="people.urls",
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in APPS), "allauth", "allauth.account", "people"],
        MIDDLEWARE=[
            "django.middleware.common.CommonMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                },
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        ACCOUNT_ADAPTER="people.adapter.Adapter",
        ACCOUNT_LOGIN_METHODS={"phone"},
        ACCOUNT_SIGNUP_FIELDS=["phone*"],
        ACCOUNT_LOGIN_BY_CODE_ENABLED=True,
        ACCOUNT_RATE_LIMITS=False,
        LOGIN_REDIRECT_URL="/",
        USE_TZ=True,
    )


def make_users() -> None:
    from django.contrib.auth.models import User
    from people.models import Phone

    users = User.objects.bulk_create([User(username=f"user{n}", password="!") for n in range(5000)])
    Phone.objects.bulk_create([Phone(user=user, number=f"+1{4152000000 + n:010d}") for n, user in enumerate(users)])


def main(database: str, port: int, processes: int) -> None:
    sys.path.insert(0, str(HERE))
    configure(database)
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    make_users()
    connections.close_all()
    application = get_wsgi_application()
    door = socket.create_server(("127.0.0.1", port), backlog=1024)
    if processes > 1 and all(os.fork() for _ in range(processes)):  # stops in each child, where fork gives 0
        signal.pause()
    waitress.serve(application, sockets=[door], threads=8, ident=None, _quiet=True)


if __name__ == "__main__":
    os.umask(0o077)
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
