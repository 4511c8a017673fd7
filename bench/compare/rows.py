"""The rows of the table: what is asked for, of whom, how often, and the bar that is to be met."""

import dataclasses
import json
import os
import statistics
import subprocess
import threading

import office
import portal
from servers import Failed, tcp_answers, tftp_answers

CONFIGURATIONS = [f"desk-{number:03}.cfg" for number in range(200)]
TFTP_PEERS = ["dnsmasq", "atftpd", "tftpd-hpa"]
LOAD_TIME = 600  # seconds; no load takes as long


@dataclasses.dataclass
class Bar:
    """stormdoor's figure is to be at most `factor` times that of `peer`; without a peer, at most that."""
    figure: str
    peer: str
    factor: float


@dataclasses.dataclass
class Row:
    name: str
    title: str
    servers: list
    count: int  # units of work in a round
    load: list  # arguments of the load program
    figures: list = dataclasses.field(default_factory=lambda: ["cpu_us"])
    bars: list = dataclasses.field(default_factory=list)
    web: dict = None  # how web servers are set up (Bench.web_server); None: TFTP
    plain: bool = False
    office: bool = False  # the mixed storm of office.py, which no peer can play
    portal: int = 0  # so many phones in the registry, and storms with and without an open portal
    fresh: bool = False  # each round with servers just started: what is left of one disturbs the next
    # Servers that are given less of the work, because it takes them long: by how much.
    less: dict = dataclasses.field(default_factory=dict)


def tftp(*words):
    return ["tftp_load", *words]


# Eight phones at a time, each with its own address; see tftp_load.cpp.
FEW = ["--phones", "8", "--sources", "127.77.0.0/16"]
SLOW = {"tftpd-hpa": 0.1, "atftpd": 0.25}
BEHAVIOUR = ["served", "given_up", "retransmissions", "p50_ms", "p99_ms", "cpu_us"]

WEB = ["stormdoor", "nginx", "nginx-no-tickets", "lighttpd"]
FEW_CONNECTIONS = ["--phones", "8", "--sources", "127.77.0.0/16"]


def https(*words):
    return ["https_load", "--authority", "{authority}", *words]


ROWS = [
    Row("tftp-8k", "TFTP, 8 KB configuration, blksize 1428, tsize", ["stormdoor", *TFTP_PEERS], 5_000,
        tftp(*FEW, "--blksize", "1428", "--tsize", "--files", *CONFIGURATIONS),
        bars=[Bar("cpu_us", "dnsmasq", 0.78)], less=SLOW),
    Row("tftp-8k-512", "TFTP, 8 KB configuration, 512-byte lock-step", ["stormdoor", *TFTP_PEERS],
        3_000, tftp(*FEW, "--files", *CONFIGURATIONS),
        bars=[Bar("cpu_us", "dnsmasq", 0.88)], less=SLOW),
    Row("tftp-2m", "TFTP, 2 MB firmware, blksize 1428, window 1", ["stormdoor", *TFTP_PEERS], 50,
        tftp(*FEW, "--blksize", "1428", "--tsize", "--files", "firmware.bin"),
        bars=[Bar("cpu_us", "dnsmasq", 0.80)]),
    Row("tftp-2m-window", "TFTP, 2 MB firmware, blksize 1428, window 16", ["stormdoor", "atftpd", "dnsmasq"],
        100, tftp(*FEW, "--blksize", "1428", "--tsize", "--windowsize", "16", "--files", "firmware.bin"),
        bars=[Bar("cpu_us", "atftpd", 0.20), Bar("cpu_us", "dnsmasq", 0.25)]),
    Row("tftp-missing", "TFTP, files that do not exist", ["stormdoor", *TFTP_PEERS], 10_000,
        tftp(*FEW, "--blksize", "1428", "--tsize", "--missing", "--files",
             *[f"absent-{number:03}.cfg" for number in range(200)]),
        bars=[Bar("cpu_us", "dnsmasq", 0.45)], less=SLOW),
    Row("tftp-loss", "TFTP, 8 KB configuration, blksize 1428, 1 % of the blocks lost",
        ["stormdoor", "dnsmasq", "atftpd"], 2_000,
        tftp("--phones", "200", "--sources", "127.77.0.0/16", "--blksize", "1428", "--tsize",
             "--loss", "1", "--files", *CONFIGURATIONS),
        figures=BEHAVIOUR, bars=[Bar("p99_ms", "atftpd", 1.0), Bar("given_up", None, 0)]),
    Row("tftp-storm", "TFTP, 10,000 phones at once, 8 KB, blksize 1428, 1 s time-out, 5 tries",
        ["stormdoor", *TFTP_PEERS], 10_000,
        tftp("--phones", "{count}", "--ports", "1", "--sources", "127.77.0.0/16", "--blksize", "1428", "--tsize",
             "--files", *CONFIGURATIONS),
        figures=[*BEHAVIOUR, "arrival_p99_ms", "retried_percent"], fresh=True,
        bars=[Bar("arrival_p99_ms", "dnsmasq", 0.25), Bar("given_up", None, 0), Bar("retried_percent", None, 1)]),
    Row("https-ecdsa", "HTTPS, full TLS 1.3 handshake (ECDSA P-256), 8 KB, close", WEB, 1_500,
        https(*FEW_CONNECTIONS, "--version", "1.3", "--file", "desk-000.cfg"), web={},
        bars=[Bar("cpu_us", "nginx", 0.80), Bar("cpu_us", "nginx-no-tickets", 0.92)]),
    Row("https-rsa", "HTTPS, full TLS 1.3 handshake (RSA-2048), 8 KB, close", WEB, 1_000,
        https(*FEW_CONNECTIONS, "--version", "1.3", "--file", "desk-000.cfg"), web={"key": "rsa"},
        bars=[Bar("cpu_us", "nginx", 0.92)]),
    Row("https-resumed-1.3", "HTTPS, resumed, TLS 1.3, 8 KB, close",
        ["stormdoor-tickets", "nginx", "lighttpd"], 1_500,
        https(*FEW_CONNECTIONS, "--version", "1.3", "--resume", "--file", "desk-000.cfg"), web={},
        bars=[Bar("cpu_us", "nginx", 0.80)]),
    Row("https-resumed-1.2", "HTTPS, resumed, TLS 1.2, 8 KB, close", ["stormdoor", "nginx", "lighttpd"],
        4_000, https(*FEW_CONNECTIONS, "--version", "1.2", "--resume", "--file", "desk-000.cfg"),
        web={}, bars=[Bar("cpu_us", "nginx", 0.75)]),
    Row("https-client", "HTTPS, TLS 1.3 with a client certificate, 8 KB, close", WEB, 800,
        https(*FEW_CONNECTIONS, "--version", "1.3", "--certificate", "{phone}.pem", "--key",
              "{phone}.key", "--file", "desk-000.cfg"), web={"client_certificates": True},
        bars=[Bar("cpu_us", "nginx", 0.65), Bar("cpu_us", "nginx-no-tickets", 0.85)]),
    Row("https-keep-alive", "HTTPS, keep-alive, 8 KB", ["stormdoor", "nginx", "lighttpd"], 30_000,
        https(*FEW_CONNECTIONS, "--keep-alive", "--file", "desk-000.cfg"), web={},
        bars=[Bar("cpu_us", "nginx", 0.95)]),
    Row("https-20m", "HTTPS, 20 MB of firmware", ["stormdoor", "nginx", "lighttpd"], 40,
        https(*FEW_CONNECTIONS, "--keep-alive", "--file", "large.bin"), web={},
        bars=[Bar("cpu_us", "nginx", 0.75)]),
    Row("http-20m", "HTTP without TLS, 20 MB of firmware", ["stormdoor", "nginx", "lighttpd"], 240,
        https(*FEW_CONNECTIONS, "--plain", "--keep-alive", "--file", "large.bin"), web={}, plain=True,
        bars=[Bar("cpu_us", "nginx", 1.0)]),
    Row("https-5000", "5,000 HTTPS connections at once, 8 KB, left open",
        ["stormdoor", "nginx", "lighttpd"], 5_000,
        https("--phones", "{count}", "--sources", "127.77.0.0/16", "--hold", "--file", "desk-000.cfg"),
        web={}, fresh=True,
        figures=["served", "given_up", "p50_ms", "p99_ms", "arrival_p99_ms", "cpu_us", "idle_bytes"],
        bars=[Bar("arrival_p99_ms", "nginx", 1.0), Bar("p99_ms", "nginx", 1.0), Bar("given_up", None, 0), Bar("idle_bytes", None, 12 * 1024)]),
    Row("mixed", "10,000 phones of ten models, a fifth with 2 MB of firmware, 100 attackers",
        ["stormdoor"], 10_000, [], office=True,
        figures=["served", "given_up", "retransmissions", "p50_ms", "p99_ms", "patience_percent",
                 "loose", "blocked", "cpu_us"],
        bars=[Bar("given_up", None, 0), Bar("loose", None, 0), Bar("blocked", None, 0)]),
    Row("portal", "2,000 of 5,000 phones at once beside an open portal", ["stormdoor", "stormdoor-alone"],
        2_000, [], portal=5_000,
        figures=["served", "given_up", "p50_ms", "p99_ms", "cpu_us", "looks", "slowest_look_ms"],
        bars=[Bar("cpu_us", "stormdoor-alone", 1.03), Bar("p50_ms", "stormdoor-alone", 1.03),
              Bar("p99_ms", "stormdoor-alone", 1.03), Bar("given_up", None, 0)]),
]


def servers_of(row, only):
    return [name for name in row.servers if not only or is_ours(name) or name in only]


def is_ours(name):
    return name.startswith("stormdoor")


def begin_load(bench, words, address, count):
    program = bench.build / "bin" / words[0]
    if not program.exists():
        raise Failed(f"{program} is missing; build it first: cmake --build build --target {words[0]}")
    fill = {"count": count, "authority": bench.certificates.path("authority.pem"),
            "phone": bench.certificates.path("phone")}
    command = [str(program), "--server", address, "--root", str(bench.root), "--count", str(count),
               *[word.format(**fill) for word in words[1:]]]

    def prepare():
        if bench.client_processor is not None:
            os.sched_setaffinity(0, {bench.client_processor})

    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, preexec_fn=prepare)


def load(bench, words, address, count, when_done=lambda: None):
    """Runs a load program against `address`; what it counted. `when_done`: before it hangs up."""
    running = begin_load(bench, words, address, count)
    with running:
        end = threading.Timer(LOAD_TIME, running.kill)
        end.start()
        line = running.stdout.readline()
        if line:
            when_done()
        _, errors = running.communicate()
        end.cancel()
    if running.returncode != 0:
        raise Failed(f"{words[0]} failed: {errors.strip()}")
    return json.loads(line)


def measure(bench, row, server, address, count):
    """One round of one server."""
    before = server.cpu()
    held = []
    counted = load(bench, row.load, address, count,
                   lambda: held.append(server.memory()) if "idle_bytes" in row.figures else None)
    counted["cpu_us"] = (server.cpu() - before) / max(1, counted["served"]) * 1e6
    for figure in ("p50", "p99", "arrival_p99"):
        counted[figure + "_ms"] = counted[figure + "_us"] / 1000
    counted["retried_percent"] = 100 * counted.get("files_with_retransmissions", 0) / count
    if held:
        counted["idle_bytes"] = (held[0] - server.memory_at_start) / max(1, counted["served"])
    return counted


def start(row, bench, name):
    """A server, and where it is to be asked."""
    if row.web is None:
        server, port = bench.tftp_server(name)
        server.start(tftp_answers(port))
    else:
        server, ports = bench.web_server(name, **row.web)
        port = ports["http" if row.plain else "https"]
        server.start(tcp_answers(port))
    server.memory_at_start = server.memory()
    return server, f"127.0.0.1:{port}"


def run(row, bench, rounds, quick, only):
    """All rounds of a row, the servers by turns; each starts anew for the row and is warmed up."""
    if row.office:
        return run_office(row, bench, rounds, quick)
    if row.portal:
        return run_portal(row, bench, rounds, quick)
    names = servers_of(row, only)
    running = {}
    results = {name: [] for name in names}
    try:
        for name in names:
            running[name] = start(row, bench, name)
            if not row.fresh:
                load(bench, row.load, running[name][1], max(8, min(row.count // 20, 400)))
        for number in range(rounds):
            # Not always in the same order: whoever comes first may find a quieter machine.
            turn = names[number % len(names):] + names[:number % len(names)]
            for name in turn:
                if row.fresh or not running[name][0].lives():
                    running[name][0].stop()
                    running[name] = start(row, bench, name)
                server, address = running[name]
                count = row.count * row.less.get(name, 1) * (0.1 if quick else 1)
                results[name].append(measure(bench, row, server, address, max(8, int(count))))
            print(f"  round {number + 1}: " + ", ".join(
                f"{name} {results[name][-1]['cpu_us']:.4g} µs" for name in names), flush=True)
    finally:
        for server, _ in running.values():
            server.stop()
    return summary(row, results)


def run_office(row, bench, rounds, quick):
    """The mixed storm; its last report as a page in the folder of results."""
    count = row.count // (10 if quick else 1)
    results = []
    for number in range(rounds):
        server = office.start(bench, count)
        try:
            results.append(office.measure(bench, server, count, bench.out / "mixed.html"))
        finally:
            server.stop()
        last = results[-1]
        print(f"  round {number + 1}: {last['served']:,} of {count:,} served", flush=True)
    return summary(row, {"stormdoor": results})


def run_portal(row, bench, rounds, quick):
    """The same storm by turns with an open portal and without."""
    count = row.count // (10 if quick else 1)
    results = {"stormdoor": [], "stormdoor-alone": []}
    for number in range(rounds):
        turn = list(results) if number % 2 == 0 else list(results)[::-1]
        for name in turn:
            server = portal.start(bench, row.portal, count)
            try:
                results[name].append(portal.measure(bench, server, count, bench.out / "portal.html",
                                                    name == "stormdoor"))
            finally:
                server.stop()
        print(f"  round {number + 1}: " + ", ".join(
            f"{name} {figures[-1]['cpu_us']:.4g} µs, {figures[-1]['p99_ms']:.0f} ms"
            for name, figures in results.items()), flush=True)
    return summary(row, results)


def summary(row, results):
    figures = {}
    for name, rounds in results.items():
        figures[name] = {}
        for figure in row.figures:
            values = [one[figure] for one in rounds]
            figures[name][figure] = {"median": statistics.median(values), "least": min(values),
                                     "most": max(values)}
    ours_name = next(name for name in results if is_ours(name))
    ratios = []
    for bar in row.bars:
        if bar.peer is not None and bar.peer not in results:
            continue
        each = [one[bar.figure] for one in results[ours_name]] if bar.peer is None else [
            ours[bar.figure] / theirs[bar.figure] if theirs[bar.figure] else float("inf")
                for ours, theirs in zip(results[ours_name], results[bar.peer])]
        ratios.append({"figure": bar.figure, "peer": bar.peer, "bar": bar.factor,
                       "median": statistics.median(each), "least": min(each), "most": max(each),
                       "met": statistics.median(each) <= bar.factor})
    wrong = {name: sum(one["wrong"] for one in rounds) for name, rounds in results.items()}
    given_up = {name: sum(one["given_up"] for one in rounds) for name, rounds in results.items()}
    reasons = {}
    for name, rounds in results.items():
        for one in rounds:
            for reason, number in one["reasons"].items():
                reasons.setdefault(name, {})
                reasons[name][reason] = reasons[name].get(reason, 0) + number
    return {"name": row.name, "title": row.title, "figures": figures, "ratios": ratios,
            "wrong": wrong, "given_up": given_up, "reasons": reasons, "rounds": results}
