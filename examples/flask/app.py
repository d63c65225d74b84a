"""An application with a server: Flask, and Authlib's client for it."""

import os
import secrets
from urllib.parse import urlencode, urlsplit

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect, render_template_string, request, session, url_for

ISSUER, SITE = os.environ["ISSUER"], os.environ["SITE"]

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)  # keep it, in an application that is to outlive a restart
app.config["SESSION_COOKIE_NAME"] = "flask_example"

oauth = OAuth(app)
oauth.register(
    "doorcode",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile phone", "code_challenge_method": "S256"},
)

PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>The Flask example</title>
{% if person %}
<h1>Hello {{ person.phone_number }}</h1>
<form method="post" action="{{ url_for('sign_out') }}"><button>Sign out</button></form>
{% else %}
<h1>Nobody is signed in</h1>
{% if error %}<p>It did not come to that: {{ error }}</p>{% endif %}
<a href="{{ url_for('sign_in') }}">Sign in</a>
{% endif %}"""


@app.get("/")
def home():
    return render_template_string(PAGE, person=session.get("person"), error=request.args.get("error"))


@app.get("/sign-in")
def sign_in():
    return oauth.doorcode.authorize_redirect(f"{SITE}/callback")


@app.get("/callback")
def callback():
    try:
        token = oauth.doorcode.authorize_access_token()
    except OAuthError as error:  # "access_denied": they went back
        return redirect(url_for("home", error=error.error))
    session["id_token"] = token["id_token"]
    session["person"] = oauth.doorcode.userinfo(token=token)
    return redirect(url_for("home"))


@app.post("/sign-out")
def sign_out():
    """Here, and at Doorcode."""
    hint = session.pop("id_token", "")
    session.clear()
    told = {"id_token_hint": hint, "post_logout_redirect_uri": f"{SITE}/"}
    return redirect(oauth.doorcode.load_server_metadata()["end_session_endpoint"] + "?" + urlencode(told))


if __name__ == "__main__":
    app.run(port=urlsplit(SITE).port)
