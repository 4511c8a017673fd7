"""A boot storm beside an open portal: does whoever watches slow it down?"""

import http.client
import json
import socket
import ssl
import threading
import time

import office
from servers import Failed, tcp_answers

PORT = 8102
EVERY = 2.0  # seconds; as the overview asks
PATIENCE = 60  # seconds; a portal that does not answer for so long is not live

CONFIGURATION = office.NETWORKS + f"""
[portal]
listen = ["127.0.0.1:{PORT}"]

[[network]]
name = "Administrators"
prefixes = ["127.0.0.1"]
services = ["provisioning", "portal", "api"]
identity = "none"
never_block = true
"""


def connect(cookie=None):
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", PORT, context=trusting, timeout=PATIENCE)
    return connection, {"Host": f"127.0.0.1:{PORT}", **({"Cookie": cookie} if cookie else {})}


class Viewer:
    """A browser's calls while the overview is open: the stream of events, and the figures every two
    seconds."""

    def __init__(self, name, password):
        connection, headers = connect()
        connection.request("POST", "/api/v1/session", json.dumps({"name": name, "password": password}),
                           {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 201):
            raise Failed(f"the portal lets nobody in: {answer.status} {body[:200]!r}")
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        self.closed = threading.Event()
        self.stream, self.broken = None, False
        self.looks, self.events, self.slowest = 0, 0, 0.0
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self.look, self.follow)]
        for thread in self.threads:
            thread.start()

    def look(self):
        connection, headers = connect(self.cookie)
        while not self.closed.is_set():
            began = time.monotonic()
            connection.request("GET", "/api/v1/overview", headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                self.looks += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
            self.closed.wait(EVERY)
        connection.close()

    def follow(self):
        connection, headers = connect(self.cookie)
        connection.connect()
        self.stream = connection.sock  # it has no end, so the connection gives it away to the answer
        connection.request("GET", "/api/v1/events/stream", headers=headers)
        answer = connection.getresponse()
        try:
            while not self.closed.is_set() and (line := answer.readline()):
                self.events += line.startswith(b"data:")
            self.broken = not self.closed.is_set()
        except (OSError, ValueError, http.client.HTTPException):
            self.broken = not self.closed.is_set()
        connection.close()

    def close(self):
        self.closed.set()
        if self.stream is not None:
            self.stream.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()


def registry(phones, count):
    """The phones of the storm, and others behind them."""
    more = range(office.FIRST_MAC + count, office.FIRST_MAC + phones)
    return office.phones_csv(count) + "".join(f"{mac:012x},yealink,T46S,hot-desk,hq,,\n" for mac in more)


def start(bench, phones, count):
    """stormdoord with `phones` in its registry, of whom `count` will boot."""
    server = bench.stormdoor(tftp=6969, http=8100, https=8101, more=CONFIGURATION,
                             name=f"portal-{phones}-{count}")
    server.start(tcp_answers(8101))
    if not office.shell(bench, server, "phone", "list"):
        office.shell(bench, server, "location", "add", "hq", "--label", "Head office",
                     "--emergency-number", "+12025550123")
        (server.folder / "phones.csv").write_text(registry(phones, count))
        office.shell(bench, server, "phone", "import", str(server.folder / "phones.csv"))
    return server


def measure(bench, server, count, page, watched):
    """One storm, all phones at once; while somebody watches, if `watched`."""
    viewer = None
    if watched:
        name = f"viewer-{time.monotonic_ns()}"
        made = office.shell(bench, server, "admin", "add", name, "--role", "viewer")
        viewer = Viewer(name, made["password"])
    try:
        figures = office.measure(bench, server, count, page, "at-once")
    finally:
        if viewer:
            viewer.close()
    if viewer and (viewer.broken or viewer.looks == 0 or viewer.events == 0):
        raise Failed(f"the portal did not stay open: {viewer.looks} looks, {viewer.events} events")
    figures["looks"] = viewer.looks if viewer else 0
    figures["slowest_look_ms"] = viewer.slowest * 1000 if viewer else 0
    return figures
