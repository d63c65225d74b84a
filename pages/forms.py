"""The forms of people's pages. What is typed is judged by the rules, behind the flow; here is only its shape."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField


class PageForm(FlaskForm):
    """A form in which no field may come twice: two readers could each take another of them."""

    class Meta(FlaskForm.Meta):
        csrf = False  # CSRFProtect has read the token before any view runs, and the templates write it themselves

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        for name, field in self._fields.items():
            if len(request.form.getlist(name)) > 1:
                field.errors = (*field.errors, _l("This came twice. Type it once more."))
                right = False
        return right

    def refuse(self, name: str, sentence: object) -> None:
        """Put a sentence beside a field. What was typed stays."""
        self[name].errors = (*self[name].errors, sentence)


class IdentifierForm(PageForm):
    """Who are you? One box, named after what is asked for; ``phone`` where several are."""

    country = StringField()
    phone = StringField()
    email = StringField()
    username = StringField()

    @property
    def typed(self) -> str:
        return self.phone.data or self.email.data or self.username.data or ""


class PasswordForm(PageForm):
    """A password, or the code of an app that does instead."""

    ticket = StringField()
    password = PasswordField()
    code = StringField()


class NewPasswordForm(PageForm):
    ticket = StringField()
    new_password = PasswordField()
    end_sessions = BooleanField()


class NameForm(PageForm):
    username = StringField()
    new_password = PasswordField()


class CodeForm(PageForm):
    ticket = StringField()
    code = StringField()


class TicketForm(PageForm):
    ticket = StringField()


class ChallengeForm(PageForm):
    """``altcha``: what the browser's part found, under the name that it gives it."""

    challenge = StringField()
    altcha = StringField()


class FactorForm(PageForm):
    """A second factor. ``place``: which number or address; ``asked``, ``credential``: of a passkey."""

    ticket = StringField()
    code = StringField()
    password = PasswordField()
    trust = StringField()
    place = StringField()
    asked = StringField()
    credential = StringField()
    name = StringField()


class SetupForm(PageForm):
    key = StringField()
    name = StringField()
    password = PasswordField()


class AdminForm(PageForm):
    name = StringField()
    password = PasswordField()
    code = StringField()


class OwnPasswordForm(PageForm):
    password = PasswordField()
    new_password = PasswordField()


class TotpForm(PageForm):
    code = StringField()
    action = StringField()
