"""The yardstick: a Flask page of a given size with a CSRF token. ``python bench/bare.py PORT SIZE``"""

from __future__ import annotations

import sys

import waitress
from flask import Flask, render_template_string
from flask_wtf import FlaskForm

PAGE = """<!doctype html><title>bare</title><form method="post">{{ form.csrf_token }}</form><p>{{ filling }}</p>"""


def main(port: int, size: int) -> None:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "only a yardstick"  # noqa: S105 - guards nothing
    filling = "x" * (size - 300)

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, form=FlaskForm(), filling=filling)

    waitress.serve(app, host="127.0.0.1", port=port, threads=8, ident=None, _quiet=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
