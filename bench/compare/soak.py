"""A million boots in a row: is stormdoord as small afterwards as before?

An office of ten models boots again and again, as fast as it goes, over TFTP, HTTP and HTTPS, with
attackers beside it. After each storm: resident memory, descriptors, what was not served, and what
the server had to complain about in its log.
"""

import os
import pathlib
import time

import office
from servers import Failed, processes_below

PHONES = 10_000
LEAST_STORMS = 8
SETTLED = 0.75  # of the storms; until then what is bounded fills up, and malloc's arenas with it
MOST_GROWTH = 0.02  # of the memory, from then to the end: some bytes for each boot


def descriptors(server):
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in processes_below(server.process.pid))


def look(server, storms, boots, report, began):
    """One line of the table."""
    return {"storms": storms, "boots": boots, "seconds": round(time.monotonic() - began),
            "memory": server.memory("Pss_Anon"), "descriptors": descriptors(server),
            "failed": report["total"]["failed"], "reasons": report["reasons"]}


def complaints(server):
    text = (pathlib.Path(server.folder) / "log").read_text(errors="replace")
    return [line for line in text.splitlines() if line.split(" ")[1:2] == ["error"]]


def verdict(lines):
    """Sentences; none when all is well."""
    first, last = lines[int(len(lines) * SETTLED)], lines[-1]
    failed = sum(line["failed"] for line in lines)
    found = []
    if failed:
        found.append(f"{failed:,} phones went without their files: {lines[-1]['reasons']}")
    if last["memory"] > first["memory"] * (1 + MOST_GROWTH):
        found.append(f"memory grew from {first['memory']:,} to {last['memory']:,} bytes")
    if last["descriptors"] > first["descriptors"]:
        found.append(f"descriptors grew from {first['descriptors']} to {last['descriptors']}")
    return found


def run(bench, boots, say):
    """Lets phones boot `boots` times; the table of all storms. `say` is told every tenth."""
    if boots < PHONES * LEAST_STORMS:
        raise Failed(f"fewer than {PHONES * LEAST_STORMS:,} boots say nothing about memory")
    server = office.start(bench, PHONES, name="soak")
    began, lines, done = time.monotonic(), [], 0
    try:
        while done < boots:
            report = office.storm(bench, server, PHONES, bench.out / "soak.html", "evenly:5s",
                                  firmware_percent=0)
            if not server.lives():
                raise Failed(f"the server died after {done:,} boots: see {server.folder}/log")
            done += report["total"]["served"] + report["total"]["failed"]
            lines.append(look(server, len(lines) + 1, done, report, began))
            if len(lines) % 10 == 0 or len(lines) == 1 or done >= boots:
                line = lines[-1]
                say(f"{line['boots']:>9,} boots  {line['seconds']:>5} s  "
                    f"{line['memory'] / 1e6:6.1f} MB  {line['descriptors']} descriptors  "
                    f"{sum(each['failed'] for each in lines)} not served")
        found = verdict(lines) + complaints(server)[:5]
    finally:
        server.stop()
    return lines, found
