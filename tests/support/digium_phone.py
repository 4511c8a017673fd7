#!/usr/bin/env python3
"""The web server of a Digium phone that runs apps, as far as the vendor's samples show it.

    digium_phone.py FOLDER

It takes multipart forms at /cgi-bin/uapp.cgi from admin, by Digest (RFC 7616, MD5, qop=auth, each
nonce once); the password stands in FOLDER/password. FOLDER/port holds its port as soon as it listens; FOLDER/app.zip the last app that it
took; each line of FOLDER/log is a request: method, path, what it carried as login, and how it ended.
FOLDER/mode, if there is one, makes it misbehave: see the methods named misbehave_...
"""

import base64
import email.parser
import email.policy
import hashlib
import http.server
import pathlib
import re
import secrets
import sys
import zipfile

FOLDER = pathlib.Path(sys.argv[1])
REALM = "Digium Phone"
nonces = set()
running = set()


def password():
    return (FOLDER / "password").read_text()


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def fields_of(header):
    return {name: quoted or plain
            for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}


class Phone(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self, ending):
        login = self.headers.get("Authorization", "none").split()[0]
        with open(FOLDER / "log", "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path} {login} {len(self.body)} {ending}\n")

    def answer(self, status, text, headers=()):
        self.note(status)
        body = text.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def is_admin(self):
        header = self.headers.get("Authorization", "")
        if not header.startswith("Digest "):
            return False
        got = fields_of(header)
        if got.get("nonce") not in nonces or got.get("uri") != self.path:
            return False
        nonces.discard(got["nonce"])
        ha1 = md5(f"admin:{REALM}:{password()}")
        ha2 = md5(f"{self.command}:{self.path}")
        right = md5(":".join([ha1, got["nonce"], got["nc"], got["cnonce"], got["qop"], ha2]))
        return got.get("username") == "admin" and got.get("response") == right

    def challenge(self):
        nonce = secrets.token_hex(8)
        nonces.add(nonce)
        self.answer(401, "who are you?", [
            ("WWW-Authenticate", f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5')])

    def form(self):
        parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
            b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + self.body)
        return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                for part in parsed.iter_parts()}

    def do_GET(self):
        self.body = b""
        self.answer(404, "nothing here")

    def do_POST(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mode = FOLDER / "mode"
        misbehave = getattr(self, "misbehave_" + mode.read_text().strip(), None) if mode.exists() else None
        if misbehave and misbehave():
            return
        if self.path != "/cgi-bin/uapp.cgi":
            self.answer(404, "nothing here")
        elif not self.is_admin():
            self.challenge()
        else:
            self.obey(self.form())

    def obey(self, form):
        mode = form.get("mode", b"").decode()
        if mode == "install":
            (FOLDER / "app.zip").write_bytes(form["file"])
            with zipfile.ZipFile(FOLDER / "app.zip") as archive:
                if archive.testzip() or "app.json" not in archive.namelist():
                    return self.answer(500, "no app")
            self.answer(200, "installed")
        elif mode == "start" and (FOLDER / "app.zip").exists():
            running.add(form["appname"].decode())
            self.answer(200, f"started {form['appname'].decode()}")
        else:
            self.answer(400, "what?")

    # Each returns True when nothing more is to be said.

    def misbehave_fails(self):
        self.answer(503, "\x1b[31mno space\x00 left \xff on <device>")
        return True

    def misbehave_hangs_up(self):
        self.note("hung up")
        self.close_connection = True
        return True

    def misbehave_talks_rubbish(self):
        self.note("rubbish")
        self.wfile.write(b"\x00\x01\x02 200 whatever\r\n\r\n")
        self.close_connection = True
        return True

    def misbehave_never_stops(self):
        self.note("endless")
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass
        self.close_connection = True
        return True

    def misbehave_says_nothing(self):
        self.note("silent")
        self.rfile.read(1)  # until the other side hangs up
        self.close_connection = True
        return True

    def misbehave_leads_astray(self):
        self.answer(302, "", [("Location", f"http://{self.headers['Host']}/elsewhere")])
        return True

    def misbehave_wants_basic(self):
        login = base64.b64encode(f"admin:{password()}".encode()).decode()
        if self.headers.get("Authorization") == "Basic " + login:
            self.obey(self.form())
        else:
            self.answer(401, "", [("WWW-Authenticate", f'Basic realm="{REALM}"')])
        return True

    def misbehave_does_not_start(self):
        if b"appname" in self.body:
            self.answer(500, "out of memory")
            return True
        return False


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Phone)
(FOLDER / "port.new").write_text(str(server.server_port))
(FOLDER / "port.new").rename(FOLDER / "port")
server.serve_forever()
