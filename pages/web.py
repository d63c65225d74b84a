"""Flask, as these pages use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from pages.filters import Templates
from pages.reading import ReadingRequest
from pages.routing import LazyRule


class Web(Flask):
    request_class = ReadingRequest
    url_rule_class = LazyRule
    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view is asynchronous here, and to look whether one is takes its time: fourteen times a request."""
        return func
