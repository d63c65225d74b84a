"""The old application, and nginx before it."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from application import Application


def main() -> None:
    nginx = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if nginx is None:
        sys.exit("There is no nginx: apt install nginx")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        if os.getuid() == 0:
            Path(folder).chmod(0o755)  # nginx hands its work to another user
        values = {
            "@FOLDER@": folder,
            "@PORT@": str(urlsplit(os.environ["SITE"]).port),
            "@APPLICATION@": str(server.server_address[1]),
            "@ISSUER@": os.environ["ISSUER"],
        }
        text = (Path(__file__).parent / "nginx.conf").read_text()
        for place, value in values.items():
            text = text.replace(place, value)
        written = Path(folder) / "nginx.conf"
        written.write_text(text)
        subprocess.run([nginx, "-p", folder, "-c", str(written), "-e", "stderr"], check=False)


if __name__ == "__main__":
    main()
