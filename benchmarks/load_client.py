"""Clients of a server in a process of their own: each sends its next request when it has its answer.

python load_client.py PLAN.json     prints one line of JSON: seconds, latencies, and which answers were wrong

They speak HTTP over plain sockets, so that they take as little as they can of the processor that they share
with the server. The plan names host, port, path, the bodies to send and, for each, the answer that is
expected; an answer that is not the same text must be the same JSON up to 1e-6 in its numbers.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """What the clients saw.

    latencies : seconds of every request
    wrong : (number of the body, what came) of answers that are not those expected; the first of them
    """

    requests: list[bytes]
    expected: list[bytes]
    left: int
    next: int = 0
    latencies: list[float] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    n_wrong: int = 0

    def take(self) -> int | None:
        """The number of the next request; None if there are no more."""
        if not self.left:
            return None
        self.left -= 1
        self.next = (self.next + 1) % len(self.requests)
        return self.next

    def note(self, number: int, status: bytes, body: bytes) -> None:
        """Check one answer."""
        if status == b"200" and (body == self.expected[number] or near(body, self.expected[number])):
            return
        self.n_wrong += 1
        if len(self.wrong) < 5:
            self.wrong.append((number, (status + b" " + body[:200]).decode("utf-8", "replace")))


def near(found: bytes, expected: bytes) -> bool:
    """Whether two JSON documents are the same up to 1e-6 in their numbers."""
    try:
        return same(json.loads(found), json.loads(expected))
    except ValueError:
        return False


def same(found: Any, expected: Any) -> bool:
    """The same for plain values."""
    if isinstance(expected, float):
        return isinstance(found, int | float) and abs(found - expected) <= 1e-6
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[k], expected[k]) for k in expected)
    return bool(found == expected)


class Client(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, tally: Tally, done: asyncio.Future[None]) -> None:
        self.tally, self.done = tally, done
        self.received = b""
        self.number: int | None = None
        self.began = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.number = self.tally.take()
        if self.number is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(self.tally.requests[self.number])

    def data_received(self, data: bytes) -> None:
        self.received = data = self.received + data if self.received else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return
        at = data.lower().find(b"content-length:", 0, end)
        length = int(data[at + 15 : data.find(b"\r\n", at)])
        if len(data) < end + 4 + length:
            return
        self.tally.latencies.append(time.perf_counter() - self.began)
        self.tally.note(self.number or 0, data[9:12], data[end + 4 : end + 4 + length])
        self.received = b""
        self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if self.number is not None:
            self.tally.n_wrong += 1
            self.tally.wrong.append((self.number, f"the connection was closed: {error}"))
        if not self.done.done():
            self.done.set_result(None)


async def load(plan: dict[str, Any]) -> dict[str, Any]:
    """Send `requests` requests over `connections` connections."""
    head = f"POST {plan['path']} HTTP/1.1\r\nHost: {plan['host']}\r\nContent-Type: application/json\r\n"
    bodies = [body.encode() for body in plan["bodies"]]
    requests = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    tally = Tally(requests, [text.encode() for text in plan["expected"]], plan["requests"])
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    ends = [loop.create_future() for _ in range(plan["connections"])]
    for end in ends:
        await loop.create_connection(lambda end=end: Client(tally, end), plan["host"], plan["port"])
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - began
    latencies = sorted(tally.latencies)
    return {
        "seconds": seconds,
        "answers": len(latencies),
        "per_second": len(latencies) / seconds,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[int(len(latencies) * 0.99)],
        "wrong": tally.n_wrong,
        "examples": tally.wrong[:5],
    }


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    try:
        import uvloop as loops
    except ModuleNotFoundError:
        loops = asyncio
    print(json.dumps(loops.run(load(plan))))


if __name__ == "__main__":
    main()
