"""An old application: it knows nothing of Doorcode and believes a header."""

from html import escape
from http.server import BaseHTTPRequestHandler

PAGE = """<!doctype html><html lang="en"><title>The old application</title>
<h1>Hello {phone}</h1><p>You are <code>{user}</code>, at <code>{path}</code>.</p>
<a href="/.doorcode/sign-out">Sign out</a>"""


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        told = {name: escape(self.headers.get(f"X-Forwarded-{name}", "nobody")) for name in ("Phone", "User")}
        body = PAGE.format(phone=told["Phone"], user=told["User"], path=escape(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
