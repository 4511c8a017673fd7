"""The servers that are compared: where they come from, their configurations, their CPU time."""

import ctypes
import os
import pathlib
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import time

START_PATIENCE = 120  # stormdoord makes its keys at its first start
TICK = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1

# Program, Debian packages (the peer and what it needs that a small installation may not have).
PEERS = {
    "dnsmasq": ("dnsmasq", ["dnsmasq-base"]),
    "atftpd": ("atftpd", ["atftpd", "libwrap0"]),
    "tftpd-hpa": ("in.tftpd", ["tftpd-hpa", "libwrap0"]),
    "nginx": ("nginx", ["nginx"]),
    "lighttpd": ("lighttpd", ["lighttpd", "lighttpd-mod-openssl"]),
}


class Failed(Exception):
    """Says what could not be done."""


class Peers:
    """The peers' programs: installed ones, else unpacked from Debian's packages into a folder.

    Unpacked and not installed, because atftpd and tftpd-hpa cannot be installed together, and so
    that nothing is left behind on the machine.
    """

    def __init__(self, folder):
        self.folder = folder

    def program(self, peer):
        name, packages = PEERS[peer]
        installed = shutil.which(name, path="/usr/sbin:/usr/local/sbin:" + os.environ["PATH"])
        # Both atftpd and tftpd-hpa bring a program in.tftpd: the package decides.
        if installed and self.installed_version(packages[0]):
            return installed
        unpacked = self.folder / peer / "usr/sbin" / name
        if not unpacked.exists():
            self.unpack(peer, packages)
        return str(unpacked)

    def unpack(self, peer, packages):
        if not shutil.which("apt-get"):
            raise Failed(f"{packages[0]} is missing, and this is no Debian to get it from")
        folder = self.folder / peer
        folder.mkdir(parents=True, exist_ok=True)
        print(f"  fetching {' '.join(packages)}", flush=True)
        done = subprocess.run(["apt-get", "-o", "APT::Sandbox::User=root", "download", *packages],
                              cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"apt-get download {' '.join(packages)}: {done.stderr.strip()}")
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, folder], check=True)

    def environment(self, peer):
        libraries = [f"{self.folder}/{peer}/{folder}/{os.uname().machine}-linux-gnu"
                     for folder in ("usr/lib", "lib")]
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}

    def installed_version(self, package):
        done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package],
                              capture_output=True, text=True)
        return done.stdout.removeprefix("installed ") if done.stdout.startswith("installed ") else ""

    def version(self, peer):
        """As Debian numbers it."""
        package = PEERS[peer][1][0]
        for path in (self.folder / peer).glob(f"{package}_*.deb"):
            return path.name.split("_")[1].replace("%3a", ":")
        return self.installed_version(package)


def processes_below(pid):
    """`pid` and its descendants that live."""
    children = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            parent = int(pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(entry))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def cpu_of(pid):
    """Seconds, user and system, of one process with its threads and the children it has reaped."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(value) for value in fields[11:15]) / TICK


class Account:
    """CPU time of a server by a control group of its own, in either version of the kernel's interface.

    in.tftpd forks a process per request and lets the kernel bury them: no other account has those.
    """

    def __init__(self, name):
        self.folder = None
        for parent, reads in ((pathlib.Path("/sys/fs/cgroup/cpuacct"), self.version_1),
                              (pathlib.Path("/sys/fs/cgroup"), self.version_2)):
            folder = parent / f"stormdoor-compare-{os.getpid()}-{name}"
            try:
                folder.mkdir()
            except OSError:
                continue
            if reads(folder) is not None:
                self.folder, self.reads = folder, reads
                return
            folder.rmdir()

    @staticmethod
    def version_1(folder):
        path = folder / "cpuacct.usage"
        return int(path.read_text()) / 1e9 if path.exists() else None

    @staticmethod
    def version_2(folder):
        path = folder / "cpu.stat"
        return int(path.read_text().split()[1]) / 1e6 if path.exists() else None

    def enter(self):
        """Called by the process that is to be accounted."""
        if self.folder:
            (self.folder / "cgroup.procs").write_text("0")

    def seconds(self):
        return self.reads(self.folder) if self.folder else None

    def close(self):
        for _ in range(50 if self.folder else 0):
            try:
                self.folder.rmdir()
                break
            except OSError:
                time.sleep(0.1)  # somebody still dies
        self.folder = None


class Server:
    """One running server. `command` is a list of words; files are written into `folder`."""

    def __init__(self, name, folder, command, files=(), environment=None, processor=None,
                 descriptors=None):
        self.descriptors = descriptors
        self.name, self.folder, self.command = name, folder, [str(word) for word in command]
        self.environment, self.processor = environment, processor
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files:
            (folder / path).write_text(text)
        (folder / "command").write_text(shlex.join(self.command) + "\n")
        self.process = self.account = None

    def start(self, ready):
        log = open(self.folder / "log", "wb")
        libc = ctypes.CDLL(None)

        self.account = Account(self.name)

        def prepare():
            self.account.enter()
            if self.descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if self.processor is not None:
                os.sched_setaffinity(0, {self.processor})

        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                        env=self.environment, preexec_fn=prepare, cwd=self.folder)
        log.close()
        deadline = time.monotonic() + START_PATIENCE
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = (self.folder / "log").read_text(errors="replace")[-600:]
                raise Failed(f"{self.name} did not start ({' '.join(self.command)}):\n{tail}")
            time.sleep(0.05)

    def lives(self):
        return self.process is not None and self.process.poll() is None

    def cpu(self):
        """CPU seconds so far, of all its processes, once they have come to rest."""
        last = -1.0
        while True:
            now = self.account.seconds()
            if now is None:
                now = sum(cpu_of(pid) for pid in processes_below(self.process.pid))
            if now - last < 0.001:
                return now
            last = now
            time.sleep(0.05)

    def memory(self, kind="Pss"):
        """Resident bytes of all its processes, each page once (the proportional set size). "Pss_Anon":
        without those of programs and files, which depend on who else has them open."""
        total = 0
        for pid in processes_below(self.process.pid):
            try:
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{kind}:"))
        return total * 1024

    def stop(self):
        if not self.lives():
            if self.account:
                self.account.close()
            return
        below = processes_below(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            for pid in below:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait()
        self.account.close()


def tftp_answers(port):
    """A function that says whether somebody answers TFTP requests at a loopback port."""

    def ask():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.2)
            try:
                probe.connect(("127.0.0.1", port))
                probe.send(b"\0\1is-anybody-there.cfg\0octet\0")
                # Answers come from other ports, which a connected socket does not take; a closed
                # port is told by ICMP.
                probe.recv(600)
            except TimeoutError:
                return True
            except ConnectionError:
                return False
            return True

    return ask


def tcp_answers(port):
    def ask():
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ask


STORMDOOR = """\
# One worker, as the peers have one process; the files as they are; phones believed without proof.
# The rest is at its default.
enforce = "listeners"

[daemon]
state_directory = "state"
control_socket = "run/control.sock"
user = ""
workers = 1

[log]
level = "warning"

[tftp]
listen = {tftp}

[http]
listen = {http}
# All the load comes from this machine, and from few addresses.
connections_per_source = 10000
requests_per_connection = 1000000
idle_time = "5m"

[https]
listen = {https}
names = ["127.0.0.1", "localhost"]
session_resumption = "{resumption}"
{certificates}
[status]
listen = []

[provisioning]
profiles = "{profiles}"
files = "{root}"
{provisioning}
[[network]]
name = "Phones"
prefixes = ["127.0.0.0/8"]
services = ["provisioning"]
identity = "none"
never_block = true
"""


NGINX = """\
# As its documentation advises for many short connections: descriptors for all, files kept open,
# headers and file in one packet, no log, a session cache, long keep-alive. One worker process.
user root;
daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
worker_rlimit_nofile {descriptors};
events {{
  worker_connections 20000;
  multi_accept on;
}}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  keepalive_timeout 300s;
  open_file_cache max=1000 inactive=300s;
  open_file_cache_valid 300s;
  server {{
    listen 127.0.0.1:{http} backlog=8192;
    listen 127.0.0.1:{https} ssl backlog=8192;
    root {root};
    ssl_certificate {chain};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:SSL:10m;
    ssl_session_tickets {tickets};
{more}  }}
}}
"""

LIGHTTPD = """\
# As its documentation advises: descriptors for all, long keep-alive, no log. One process.
server.modules = ("mod_openssl")
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {http}
server.max-fds = {descriptors}
server.max-connections = 20000
server.max-keep-alive-requests = 1000000
server.max-keep-alive-idle = 300
server.listen-backlog = 8192
mimetype.assign = ("" => "application/octet-stream")
$SERVER["socket"] == "127.0.0.1:{https}" {{
  ssl.engine = "enable"
  ssl.pemfile = "{chain}"
  ssl.privkey = "{key}"
{more}}}
"""


class Certificates:
    """An authority, and what it signed: servers' (EC P-256 and RSA 2048) and a phone's (EC P-256)."""

    def __init__(self, folder):
        self.folder = folder
        if (folder / "phone.pem").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        self.openssl("req", "-x509", *self.kind("ec"), "-keyout", "authority.key", "-out",
                     "authority.pem", "-days", "30", "-subj", "/CN=Bench authority")
        for name, kind, subject in (("server-ec", "ec", "/CN=localhost"),
                                    ("server-rsa", "rsa", "/CN=localhost"),
                                    ("phone", "ec", "/CN=00:0F:D3:05:48:48")):
            self.openssl("req", "-x509", *self.kind(kind), "-keyout", f"{name}.key", "-out",
                         f"{name}.pem", "-days", "30", "-subj", subject, "-CA", "authority.pem",
                         "-CAkey", "authority.key", "-addext", "basicConstraints=critical,CA:FALSE",
                         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")

    @staticmethod
    def kind(kind):
        if kind == "rsa":
            return ["-newkey", "rsa:2048", "-nodes"]
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"openssl {' '.join(words)}: {done.stderr.strip()}")

    def path(self, name):
        return str(self.folder / name)


class Bench:
    """Where things are, and how each server is started for a kind of work."""

    def __init__(self, build, source, out, peers, processors):
        self.build, self.source, self.out, self.peers = build, source, out, peers
        self.server_processor, self.client_processor = processors
        self.root = out / "files"
        self.certificates = Certificates(out / "certificates")

    def server(self, name, command, files=(), environment=None, descriptors=None):
        return Server(name, self.out / "servers" / name, command, files, environment,
                      self.server_processor, descriptors)

    def stormdoor(self, tftp=None, http=None, https=None, resumption="tls1.2", certificates="", more="",
                  provisioning="", name="stormdoor"):
        def listen(port):
            return f'["127.0.0.1:{port}"]' if port else "[]"

        text = STORMDOOR.format(tftp=listen(tftp), http=listen(http), https=listen(https),
                                resumption=resumption, certificates=certificates,
                                profiles=self.source / "etc/phones", root=self.root,
                                provisioning=provisioning) + more
        return self.server(name, [self.build / "bin/stormdoord", "--config", "stormdoor.toml"],
                           [("stormdoor.toml", text)])

    # ---- TFTP. Each listens at a port of its own, but for dnsmasq, which knows only port 69. ----

    def tftp_server(self, name):
        program = self.peers.program(name) if name != "stormdoor" else None
        if name == "stormdoor":
            return self.stormdoor(tftp=6969), 6969
        if name == "dnsmasq":
            # --tftp-max: transfers at once; each takes a descriptor or two.
            text = ("port=0\nenable-tftp\nlisten-address=127.0.0.1\nbind-interfaces\n"
                    f"tftp-root={self.root}\ntftp-max=20000\nquiet-tftp\nuser=root\n")
            return self.server(name, [program, "-k", "-C", "dnsmasq.conf", "-x", "pid"],
                               [("dnsmasq.conf", text)], self.peers.environment(name)), 69
        if name == "atftpd":
            # A thread per transfer, with two descriptors; it selects, so that it dies of the 1,025th.
            return self.server(name, [program, "--daemon", "--no-fork", "--user", "root.root",
                                      "--port", "6970", "--bind-address", "127.0.0.1",
                                      "--maxthread", "500", "--verbose=0", "--logfile", "/dev/null",
                                      self.root], (), self.peers.environment(name), 1024), 6970
        if name == "tftpd-hpa":
            # A process per transfer; in the foreground, in its folder (--secure, as Debian runs it).
            return self.server(name, [program, "-L", "-4", "--address", "127.0.0.1:6971",
                                      "--user", "root", "--secure", self.root], (),
                               self.peers.environment(name)), 6971
        raise Failed(f"nobody knows the TFTP server {name}")

    # ---- HTTP and HTTPS. Each listens at two ports of its own. ----

    def web_server(self, name, key="ec", client_certificates=False):
        """"nginx-no-tickets" and "stormdoor-tickets" are settings of nginx and stormdoor."""
        program, _, setting = name.partition("-")
        chain, private = (self.certificates.path(f"server-{key}.{end}") for end in ("pem", "key"))
        authority = self.certificates.path("authority.pem")
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        base = {"stormdoor": 8100, "nginx": 8200, "lighttpd": 8300}[program] + (2 if setting else 0)
        ports = {"http": base, "https": base + 1}
        if program == "stormdoor":
            more = f'client_authorities = "{authority}"\nclient_subjects = ["CN={{mac}}"]\n'
            text = f'[[https.certificate]]\nchain = "{chain}"\nkey = "{private}"\n'
            return self.stormdoor(**ports, resumption="all" if setting else "tls1.2",
                                  certificates=(more if client_certificates else "") + text), ports
        peer = self.peers.program(program)
        if program == "nginx":
            more = (f"    ssl_client_certificate {authority};\n    ssl_verify_client on;\n"
                    if client_certificates else "")
            text = NGINX.format(root=self.root, chain=chain, key=private, more=more, **ports,
                                tickets="off" if setting else "on", descriptors=descriptors)
            command = [peer, "-p", ".", "-c", "nginx.conf", "-e", "stderr"]
        else:
            more = (f'  ssl.ca-file = "{authority}"\n  ssl.verifyclient.activate = "enable"\n'
                    '  ssl.verifyclient.enforce = "enable"\n' if client_certificates else "")
            text = LIGHTTPD.format(root=self.root, chain=chain, key=private, more=more,
                                   descriptors=descriptors, **ports)
            command = [peer, "-D", "-f", "lighttpd.conf"]
            modules = self.peers.folder / "lighttpd/usr/lib/lighttpd"
            if modules.exists():
                command += ["-m", modules]
        return self.server(name, command, [(f"{program}.conf", text)],
                           self.peers.environment(program)), ports
