"""The front page, and django-allauth's own pages."""

from django.http import HttpResponse
from django.urls import include, path


def front(request):
    return HttpResponse("front")


urlpatterns = [path("", front), path("accounts/", include("allauth.urls"))]
