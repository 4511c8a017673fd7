"""The rows of the table: what is asked for, of whom, how often, and the bar that is to be met."""

import dataclasses
import json
import os
import statistics
import subprocess

from servers import Failed, tftp_answers

CONFIGURATIONS = [f"desk-{number:03}.cfg" for number in range(200)]
TFTP_PEERS = ["dnsmasq", "atftpd", "tftpd-hpa"]
LOAD_TIME = 600  # seconds; no load takes as long


@dataclasses.dataclass
class Bar:
    """stormdoor's figure is to be at most `factor` times that of `peer`."""
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
    # Servers that are given less of the work, because it takes them long: by how much.
    less: dict = dataclasses.field(default_factory=dict)


def tftp(*words):
    return ["tftp_load", *words]


# Eight phones at a time, each with its own address; see tftp_load.cpp.
FEW = ["--phones", "8", "--sources", "127.77.0.0/16"]
SLOW = {"tftpd-hpa": 0.1}
BEHAVIOUR = ["served", "given_up", "retransmissions", "p50_ms", "p99_ms", "cpu_us"]

ROWS = [
    Row("tftp-8k", "TFTP, 8 KB configuration, blksize 1428, tsize", ["stormdoor", *TFTP_PEERS], 20_000,
        tftp(*FEW, "--blksize", "1428", "--tsize", "--files", *CONFIGURATIONS),
        bars=[Bar("cpu_us", "dnsmasq", 0.78)], less=SLOW),
    Row("tftp-8k-512", "TFTP, 8 KB configuration, 512-byte lock-step", ["stormdoor", *TFTP_PEERS],
        10_000, tftp(*FEW, "--files", *CONFIGURATIONS),
        bars=[Bar("cpu_us", "dnsmasq", 0.88)], less=SLOW),
    Row("tftp-2m", "TFTP, 2 MB firmware, blksize 1428, window 1", ["stormdoor", *TFTP_PEERS], 150,
        tftp(*FEW, "--blksize", "1428", "--tsize", "--files", "firmware.bin"),
        bars=[Bar("cpu_us", "dnsmasq", 0.80)]),
    Row("tftp-2m-window", "TFTP, 2 MB firmware, blksize 1428, window 16", ["stormdoor", "atftpd", "dnsmasq"],
        200, tftp(*FEW, "--blksize", "1428", "--tsize", "--windowsize", "16", "--files", "firmware.bin"),
        bars=[Bar("cpu_us", "atftpd", 0.20), Bar("cpu_us", "dnsmasq", 0.25)]),
    Row("tftp-missing", "TFTP, files that do not exist", ["stormdoor", *TFTP_PEERS], 40_000,
        tftp(*FEW, "--blksize", "1428", "--tsize", "--missing", "--files",
             *[f"absent-{number:03}.cfg" for number in range(200)]),
        bars=[Bar("cpu_us", "dnsmasq", 0.45)], less=SLOW),
    Row("tftp-loss", "TFTP, 8 KB configuration, blksize 1428, 1 % of the blocks lost",
        ["stormdoor", "dnsmasq", "atftpd"], 4_000,
        tftp("--phones", "200", "--sources", "127.77.0.0/16", "--blksize", "1428", "--tsize",
             "--loss", "1", "--files", *CONFIGURATIONS),
        figures=BEHAVIOUR, bars=[Bar("p99_ms", "atftpd", 1.0)]),
    Row("tftp-storm", "TFTP, 10,000 phones at once, 8 KB, blksize 1428, 1 s time-out, 5 tries",
        ["stormdoor", *TFTP_PEERS], 10_000,
        tftp("--phones", "{count}", "--ports", "1", "--sources", "127.77.0.0/16", "--blksize", "1428", "--tsize",
             "--files", *CONFIGURATIONS),
        figures=BEHAVIOUR, bars=[Bar("p99_ms", "dnsmasq", 0.25)]),
]


def servers_of(row, only):
    return [name for name in row.servers if not only or name == "stormdoor" or name in only]


def load(bench, words, address, count):
    """Runs a load program against `address`; what it counted."""
    program = bench.build / "bin" / words[0]
    if not program.exists():
        raise Failed(f"{program} is missing; build it first: cmake --build build --target {words[0]}")
    command = [str(program), "--server", address, "--root", str(bench.root), "--count", str(count),
               *[word.format(count=count) for word in words[1:]]]

    def prepare():
        if bench.client_processor is not None:
            os.sched_setaffinity(0, {bench.client_processor})

    done = subprocess.run(command, capture_output=True, text=True, timeout=LOAD_TIME, preexec_fn=prepare)
    if done.returncode != 0:
        raise Failed(f"{words[0]} failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure(bench, row, server, address, count):
    """One round of one server."""
    before = server.cpu()
    counted = load(bench, row.load, address, count)
    counted["cpu_us"] = (server.cpu() - before) / max(1, counted["served"]) * 1e6
    counted["p50_ms"] = counted["p50_us"] / 1000
    counted["p99_ms"] = counted["p99_us"] / 1000
    counted["server_bytes"] = server.memory()
    return counted


def run(row, bench, rounds, quick, only):
    """All rounds of a row, the servers by turns; each starts anew for the row and is warmed up."""
    names = servers_of(row, only)
    running = {}
    results = {name: [] for name in names}
    try:
        for name in names:
            server, port = bench.tftp_server(name)
            server.start(tftp_answers(port))
            running[name] = (server, f"127.0.0.1:{port}")
            count = max(8, row.count // 20)
            load(bench, row.load, running[name][1], min(count, 400))
        for number in range(rounds):
            # Not always in the same order: whoever comes first may find a quieter machine.
            turn = names[number % len(names):] + names[:number % len(names)]
            for name in turn:
                server, address = running[name]
                count = row.count * row.less.get(name, 1) * (0.1 if quick else 1)
                results[name].append(measure(bench, row, server, address, max(8, int(count))))
    finally:
        for server, _ in running.values():
            server.stop()
    return summary(row, results)


def summary(row, results):
    figures = {}
    for name, rounds in results.items():
        figures[name] = {}
        for figure in row.figures:
            values = [one[figure] for one in rounds]
            figures[name][figure] = {"median": statistics.median(values), "least": min(values),
                                     "most": max(values)}
    ratios = []
    for bar in row.bars:
        if bar.peer not in results:
            continue
        each = [ours[bar.figure] / theirs[bar.figure] if theirs[bar.figure] else float("inf")
                for ours, theirs in zip(results["stormdoor"], results[bar.peer])]
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
