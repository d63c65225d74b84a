"""A browser that costs next to nothing: HTTP/1.1 over asyncio streams, cookies, forms. One connection each."""

from __future__ import annotations

import asyncio
import html
import re
from urllib.parse import urlencode, urlsplit

HEADERS = "User-Agent: bench\r\nAccept: text/html\r\nAccept-Language: en\r\n"


class Client:
    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """The status, where it sends on, and the body."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        reader, writer = self.streams
        body = urlencode(form or {}).encode()
        lines = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{HEADERS}"
        if self.cookies:
            lines += "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()) + "\r\n"
        if method == "POST":
            lines += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            lines += f"Origin: http://127.0.0.1:{self.port}\r\nReferer: http://127.0.0.1:{self.port}{path}\r\n"
        writer.write(lines.encode() + b"\r\n" + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        length, target = 0, ""
        for name, _, value in (line.partition(": ") for line in head[1:]):
            match name.lower():
                case "content-length":
                    length = int(value)
                case "location":
                    parts = urlsplit(value)
                    target = parts.path + (f"?{parts.query}" if parts.query else "")
                case "set-cookie":
                    cookie, _, kept = value.split(";")[0].partition("=")
                    self.cookies[cookie] = kept
        return int(head[0].split()[1]), target, await reader.readexactly(length)

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()
            self.streams = None


def hidden(page: bytes, name: str) -> str:
    """The value of a hidden field."""
    for tag in re.findall(rb"<input\b[^>]*>", page):
        if b'name="%s"' % name.encode() in tag:
            value = re.search(rb'value="([^"]*)"', tag)
            return html.unescape(value.group(1).decode()) if value else ""
    return ""
