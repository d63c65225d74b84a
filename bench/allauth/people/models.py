"""A user's phone number, for django-allauth's adapter."""

from django.conf import settings
from django.db import models


class Phone(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    number = models.CharField(max_length=20, unique=True)
    verified = models.BooleanField(default=True)
