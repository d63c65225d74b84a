"""Any server of files would do. This one also tells the page who it is (config.json)."""

import json
import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

SITE = os.environ["SITE"]
CONFIG = {"issuer": os.environ["ISSUER"], "clientId": os.environ["CLIENT_ID"], "site": SITE}


class Files(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/config.json":
            return super().do_GET()
        body = json.dumps(CONFIG).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


if __name__ == "__main__":
    handler = partial(Files, directory=Path(__file__).parent)
    ThreadingHTTPServer(("127.0.0.1", urlsplit(SITE).port), handler).serve_forever()
