"""The mixed storm that no peer can play: an office of ten models boots while attackers try."""

import json
import subprocess

from servers import Failed, tcp_answers

# Vendor, model, what it is asked to boot over ("": its best).
MODELS = [("sangoma", "D65", ""), ("sangoma", "P330", ""), ("polycom", "VVX411", ""),
          ("yealink", "T46S", ""), ("yealink", "T54W", "@tftp"), ("cisco", "7945", ""),
          ("cisco", "8851", ""), ("grandstream", "GXP2170", "@tftp"), ("snom", "D735", ""),
          ("aastra", "6867i", "@tftp")]
FIRST_MAC = 0x0015_6500_0001
STORM_TIME = 1800  # seconds; no storm takes as long

NETWORKS = """
[[network]]
name = "Outside"
prefixes = ["127.66.0.0/16"]
services = ["provisioning"]
"""


def phones_csv(count):
    lines = ["mac,vendor,model,role,location,extension,slot"]
    each = count // len(MODELS)
    for number in range(each * len(MODELS)):
        vendor, model, _ = MODELS[number // each]
        lines.append(f"{FIRST_MAC + number:012x},{vendor},{model},hot-desk,hq,,")
    return "\n".join(lines) + "\n"


def shell(bench, server, *words):
    """One command of `stormdoor`; its data."""
    done = subprocess.run([str(bench.build / "bin/stormdoor"), "--json", "--socket",
                           str(server.folder / "run/control.sock"), *words],
                          capture_output=True, text=True, timeout=STORM_TIME)
    if done.returncode != 0:
        raise Failed(f"stormdoor {' '.join(words[:2])}: {done.stderr or done.stdout}")
    return json.loads(done.stdout)["data"]


def start(bench, count, name=None):
    # Who asks from outside is asked for a login: without one to guess at, nobody guesses.
    server = bench.stormdoor(tftp=6969, http=8100, https=8101, more=NETWORKS,
                             provisioning="http_login = true\n", name=name or f"office-{count}")
    server.start(tcp_answers(8101))
    if not shell(bench, server, "phone", "list"):
        shell(bench, server, "location", "add", "hq", "--label", "Head office",
              "--emergency-number", "+12025550123")
        (server.folder / "phones.csv").write_text(phones_csv(count))
        shell(bench, server, "phone", "import", str(server.folder / "phones.csv"))
    return server


def storm(bench, server, count, page, arrival, firmware_percent=20):
    """Lets them all boot; what `stormdoor storm` reports."""
    each = count // len(MODELS)
    orders = []
    for vendor, model, over in MODELS:
        orders += ["--phones", f"{vendor}:{model}{over}={each}"]
    mac = f"{FIRST_MAC:012x}"
    done = subprocess.run(
        [str(bench.build / "bin/stormdoor"), "--json", "storm", "tftp://127.0.0.1:6969",
         "http://127.0.0.1:8100/", "https://127.0.0.1:8101/", *orders, "--first-mac", mac,
         "--arrival", arrival, "--server-process", str(server.process.pid), "--firmware", "firmware.bin", "--firmware-copy",
         str(bench.root / "firmware.bin"), "--firmware-percent", str(firmware_percent), "--attackers",
         str(count // 100), "--title", f"A campus of {count:,} phones", "--html", str(page)],
        capture_output=True, text=True, timeout=STORM_TIME)
    if not done.stdout.startswith("{"):
        raise Failed(f"stormdoor storm: {done.stderr}")
    return json.loads(done.stdout)


def measure(bench, server, count, page, arrival="power-cut:30s"):
    """One round: what came of the phones, of the attackers, and what it cost."""
    before = server.cpu()
    report = storm(bench, server, count, page, arrival)
    blocked = [block["source"] for block in shell(bench, server, "blocks")
               if block["source"].startswith("127.77.")]
    total = report["total"]
    # Of the repeats that a model has, by its most unlucky phone.
    used = [(len(row["by_tries"]) - 1) / (row["patience"] - 1) for row in report["rows"]
            if row["by_tries"] and row["patience"] > 1]
    return {"served": total["served"], "given_up": total["failed"], "wrong": 0,
            "reasons": report["reasons"], "p50_ms": total["median_us"] / 1000,
            "p99_ms": total["p99_us"] / 1000, "retransmissions": total["retries"],
            "cpu_us": (server.cpu() - before) / max(1, total["served"]) * 1e6,
            "blocked": len(blocked), "patience_percent": 100 * max(used, default=0),
            "loose": sum(not attack["blocked"] for attack in report["attacks"]), "report": report}
