"""Where the servers' messages go: an HTTP server that plays the provider, and a datagram socket for others."""

from __future__ import annotations

import asyncio
import json
import re
import time

REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Sink(asyncio.DatagramProtocol):
    """Codes by number, as they come in, and when each came. Answers after ``delay`` seconds."""

    def __init__(self, delay: float = 0) -> None:
        self.delay = delay
        self.codes: dict[str, asyncio.Future[str]] = {}
        self.came_at: dict[str, float] = {}
        self.port = 0

    async def open(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", self.port))

    def expect(self, number: str) -> asyncio.Future[str]:
        self.codes[number] = asyncio.get_running_loop().create_future()
        return self.codes[number]

    def put(self, number: str, text: str) -> None:
        self.came_at[number] = time.time()
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text) or re.search(r"\b[A-Z0-9-]{6,}\b", text)
        waiting = self.codes.pop(number, None)
        if waiting and not waiting.done():
            waiting.set_result(found.group() if found else "")

    def datagram_received(self, data: bytes, addr: object) -> None:
        number, _, text = data.decode().partition(" ")
        self.put(number, text)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length:\s*(\d+)", head, re.IGNORECASE)
                message = json.loads(await reader.readexactly(int(length.group(1)) if length else 0))
                self.put(message["to"], message["text"])
                await asyncio.sleep(self.delay)
                writer.write(REPLY)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
