"""Start an example: ``python examples/run.py flask|page|nginx``. The first time it is added to Doorcode."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

EXAMPLES = Path(__file__).parent
ROOT = EXAMPLES.parent
ISSUER = os.environ.get("DOORCODE_PUBLIC_URL", f"http://127.0.0.1:{os.environ.get('DOORCODE_PORT', '8000')}")
PORTS = {"flask": "8001", "page": "8002", "nginx": "8003"}


def main() -> None:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in PORTS:
        sys.exit(f"Say which: {' | '.join(PORTS)}")
    if not answers():
        sys.exit(
            f"Nobody answers at {ISSUER}. Start Doorcode with make run, or say where it is: DOORCODE_PUBLIC_URL=..."
        )
    site = os.environ.get("SITE", f"http://127.0.0.1:{os.environ.get('PORT', PORTS[name])}")
    client = added(name, site)
    print(f"{name}: {site}", flush=True)
    variables = os.environ | {
        "ISSUER": ISSUER,
        "SITE": site,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client.get("client_secret", ""),
    }
    program = EXAMPLES / name / ("start.py" if name == "nginx" else "app.py" if name == "flask" else "serve.py")
    os.execve(sys.executable, [sys.executable, str(program)], variables)


def answers() -> bool:
    try:
        with urlopen(f"{ISSUER}/healthz", timeout=5) as reply:  # noqa: S310 (whoever runs it says where)
            return bool(reply.status == 200)
    except OSError:
        return False


def added(name: str, site: str) -> dict[str, str]:
    """What ``flask client create`` printed: its id, and its secret where it has one."""
    kept = Path(os.environ.get("DOORCODE_INSTANCE", ROOT / "instance")) / "examples" / f"{name}.json"
    if not kept.exists():
        options = {
            "flask": ["--redirect-uri", f"{site}/callback", "--set", f"post_logout_redirect_uris={site}/"],
            "page": ["--kind", "spa", "--redirect-uri", f"{site}/", "--set", f"frame_origins={site}"],
            "nginx": ["--kind", "proxy", "--set", f"protected_origins={site}"],
        }[name]
        command = [sys.executable, "-m", "flask", "--app", "app", "client", "create", f"The {name} example"]
        home = ["--set", f"home_url={site}/"]
        made = subprocess.run([*command, *options, *home], cwd=ROOT, check=True, capture_output=True, text=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(made.stdout)
    found: dict[str, str] = json.loads(kept.read_text())
    return found


if __name__ == "__main__":
    main()
