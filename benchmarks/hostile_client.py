"""Clients of every bad kind beside good ones; good answers are checked, bad requests must get their errors.

python hostile_client.py PLAN.json     prints a line of JSON: how many of each kind there were, what was wrong

The plan names host, port, good bodies with their answers, how many bad requests to send, and how many clients
of either sort there are. Good clients go on as long as the bad ones do.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
from collections import Counter
from typing import Any

from load_client import near

POST = "POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


def post(body: bytes, path: str = "/predict", length: int | None = None, more: str = "") -> bytes:
    """A request; `length` is what it says of its body."""
    head = POST.format(path) + more + f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    return head.encode() + body


def document(value: Any) -> bytes:
    """JSON."""
    return json.dumps(value).encode()


CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
# name -> (what is sent, the statuses that it may be answered with; none: the client leaves without waiting)
BAD: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "announced too large": (post(b"", length=10**9), (413,)),
    "chunks too large": (
        (POST.format("/predict") + "Transfer-Encoding: chunked\r\n\r\n").encode() + CHUNK * 70,
        (413,),
    ),
    "a text too long": (post(document({"inputs": "a " * 600_000})), (413,)),
    "too many texts": (post(document({"inputs": ["a"] * 5_000})), (413,)),
    "no JSON": (post(b'{"inputs": "a'), (400,)),
    "no UTF-8": (post(b'{"inputs": "\xff"}'), (400,)),
    "deep nesting": (post(b"[" * 200_000), (400,)),
    "deep objects": (post(b'{"a":' * 100_000), (400,)),
    "a huge number": (post(b'{"inputs": ' + b"9" * 100_000 + b"}"), (400,)),
    "wrong types": (post(document({"inputs": [1, None, {}]})), (400,)),
    "a wrong tensor": (
        post(document({"inputs": [{"name": "text", "shape": [2**60]}]}), "/v2/models/m/infer"),
        (400, 404),
    ),
    "NUL": (post(document({"inputs": "\x00 a \x00"})), (200,)),
    "lone surrogates": (post(document({"inputs": "\ud800 a \udfff"})), (200,)),
    "another path": (post(b"{}", "/v1/models/..%2f..%2fetc%2fpasswd:predict"), (404,)),
    "packed": (post(b"\x1f\x8b\x08", more="Content-Encoding: gzip\r\n"), (415,)),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400,)),
    "a head without end": (b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, (431,)),
    "a slow head": (b"POST /predict HTTP/1.1\r\nHo", (408,)),
    "a slow body": (post(b'{"inputs"', length=1_000), (408,)),
    "silence": (b"", (408,)),
    "dropped in the body": (post(b'{"inputs"', length=1_000), ()),
    "dropped before the answer": (post(document({"inputs": "a film " * 50})), ()),
    "dropped at once": (b"", ()),
}
SLOW = ("a slow head", "a slow body", "silence")


class Run:
    """One run: its plan, and what the clients saw."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.host, self.port, self.plan = plan["host"], plan["port"], plan
        self.good: Counter[str] = Counter()
        self.bad: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.over = False

    async def sent(self, request: bytes, wait: bool) -> tuple[int, bytes]:
        """The status and body of an answer; (0, b"") without waiting for one, or if none came."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(request)
            if not wait:
                return 0, b""
            try:
                answer = await reader.read()
            except ConnectionError:  # it was left before it had sent everything
                return 0, b""
            head, _, body = answer.partition(b"\r\n\r\n")
            return int(head[9:12] or 0), body
        finally:
            writer.transport.abort()

    async def good_client(self, number: int) -> None:
        """Ask and check until the bad clients are through."""
        pairs = list(zip(self.plan["bodies"], self.plan["expected"], strict=True))[
            number :: self.plan["clients"]
        ]
        for body, expected in itertools.cycle(pairs):
            if self.over:
                return
            status, found = await self.sent(post(body.encode()), wait=True)
            self.good[str(status)] += 1
            right = status == 200 and (found == expected.encode() or near(found, expected.encode()))
            if not right and status != 503:
                self.wrong.append(f"good: {status} {found[:100]!r}")

    async def bad_client(self, kinds: list[str]) -> None:
        """Send requests of these kinds."""
        while kinds:
            kind = kinds.pop()
            request, statuses = BAD[kind]
            status, body = await self.sent(request, wait=bool(statuses))
            self.bad[f"{kind}: {status or 'left'}"] += 1
            if status and status not in (*statuses, 503):
                self.wrong.append(f"{kind}: {status} {body[:100]!r}")
            if status >= 400 and "error" not in json.loads(body):
                self.wrong.append(f"{kind}: {body[:100]!r}")

    async def go(self) -> dict[str, Any]:
        """All clients together."""
        quick = [kind for kind in BAD if kind not in SLOW]
        n, rng = self.plan["bad_requests"], random.Random(0)
        kinds = [quick[i % len(quick)] for i in range(n)]
        rng.shuffle(kinds)
        slow = [SLOW[i % len(SLOW)] for i in range(self.plan["slow_requests"])]
        clients = self.plan["clients"]
        good = [asyncio.create_task(self.good_client(i)) for i in range(clients)]
        await asyncio.gather(
            *(self.bad_client(kinds) for _ in range(clients)),
            *(self.bad_client(slow) for _ in range(4 * clients)),
        )
        self.over = True
        await asyncio.gather(*good)
        return {"good": self.good, "bad": self.bad, "n_wrong": len(self.wrong), "wrong": self.wrong[:10]}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    print(json.dumps(asyncio.run(Run(plan).go())))


if __name__ == "__main__":
    main()
