#!/usr/bin/env python3
"""Reports FreeSWITCH's logins to stormdoor: runs beside FreeSWITCH, listens to its event socket.

  stormdoor-report.py --url http://127.0.0.1:9469/api/v1/failures --token-file /etc/stormdoor-token

FreeSWITCH needs mod_event_socket (on by default, 127.0.0.1:8021) and, in the SIP profile,
  <param name="log-auth-failures" value="true"/>
so that it fires sofia::register_failure. Of that event and sofia::register, network-ip,
network-port and username are used. FreeSWITCH fires register_failure for an answered challenge that
was wrong or whose user does not exist, not for the challenge itself. It accepts only nonces that it
has sent, but does not bind them to the address, so a failure over UDP is reported with
"answered": false; one over TCP or TLS proves itself. Written from FreeSWITCH's documentation; not
tried against a running one.

Reports are gathered for up to a second and at most 200; what stormdoor does not take is dropped.
"""

import argparse
import json
import os
import socket
import sys
import time
import urllib.parse
import urllib.request

KINDS = {"sofia::register_failure": "wrong-password", "sofia::register": "success"}
MOST_IN_ONE = 200


def read_block(stream):
    """The header lines up to an empty line, and the body that they announce."""
    headers = {}
    for line in stream:
        line = line.decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            break
        name, _, value = line.partition(":")
        headers[name.strip()] = value.strip()
    else:
        raise ConnectionError("FreeSWITCH closed the event socket")
    body = stream.read(int(headers.get("Content-Length", 0)))
    return headers, body.decode("utf-8", "replace")


def report_of(event):
    """The report of one event, or None."""
    kind = KINDS.get(event.get("Event-Subclass", ""))
    source = event.get("network-ip") or event.get("ip")
    if kind is None or not source:
        return None
    contact = event.get("contact", "") + event.get("status", "")
    transport = "udp"
    for name in ("tls", "wss", "ws", "tcp"):
        if "transport=" + name in contact.lower() or name.upper() in event.get("status", ""):
            transport = name
            break
    report = {"service": "sip", "source": source, "kind": kind, "transport": transport,
              "account": event.get("username") or event.get("from-user", "")}
    port = event.get("network-port", "")
    if port.isdigit() and int(port) < 65536:
        report["port"] = int(port)
    if transport == "udp" and kind != "success":
        report["answered"] = False
    return report


def parse_event(text):
    return {name.strip(): urllib.parse.unquote(value.strip())
            for name, _, value in (line.partition(":") for line in text.splitlines())}


def send(url, token, reports):
    request = urllib.request.Request(
        url, json.dumps(reports).encode(), method="POST",
        headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=5).read()
    except OSError as failure:
        print("stormdoor took no report:", failure, file=sys.stderr)


def follow(options, token):
    with socket.create_connection((options.host, options.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        read_block(stream)  # auth/request
        connection.sendall(b"auth " + options.password.encode() + b"\n\n")
        if not read_block(stream)[0].get("Reply-Text", "").startswith("+OK"):
            raise ConnectionError("FreeSWITCH refuses the event socket's password")
        connection.sendall(("event plain CUSTOM " + " ".join(KINDS) + "\n\n").encode())
        connection.settimeout(None)
        reports, since = [], 0.0
        while True:
            report = report_of(parse_event(read_block(stream)[1]))
            if report is not None:
                reports.append(report)
            # Failures are sent at once; successes may wait for company.
            urgent = any(r["kind"] != "success" for r in reports)
            if reports and (urgent or len(reports) >= MOST_IN_ONE or time.monotonic() > since + 1):
                send(options.url, token, reports)
                reports, since = [], time.monotonic()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:9469/api/v1/failures")
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--host", default="127.0.0.1", help="of FreeSWITCH's event socket")
    parser.add_argument("--port", type=int, default=8021)
    options = parser.parse_args()
    options.password = os.environ.get("FREESWITCH_PASSWORD", "ClueCon")
    with open(options.token_file, encoding="ascii") as file:
        token = file.read().strip()
    while True:
        try:
            follow(options, token)
        except OSError as failure:
            print("lost FreeSWITCH:", failure, file=sys.stderr)
        time.sleep(5)


if __name__ == "__main__":
    main()
