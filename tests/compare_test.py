#!/usr/bin/env python3
"""What bench/compare makes of its figures, without any server."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench/compare"))
sys.dont_write_bytecode = True
import office  # noqa: E402
import portal  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import servers  # noqa: E402


def one_round(cpu, served=100, given_up=0, wrong=0, reasons=None):
    return {"cpu_us": cpu, "served": served, "given_up": given_up, "wrong": wrong,
            "reasons": reasons or {}}


class Summary(unittest.TestCase):
    def setUp(self):
        self.row = rows.Row("r", "Work", ["stormdoor", "dnsmasq"], 1, [],
                            bars=[rows.Bar("cpu_us", "dnsmasq", 0.5), rows.Bar("given_up", None, 0)])

    def test_ratios_are_of_the_same_round_and_the_median_decides(self):
        # The machine was twice as slow in the second round, for both.
        result = rows.summary(self.row, {"stormdoor": [one_round(40), one_round(80), one_round(70)],
                                         "dnsmasq": [one_round(100), one_round(200), one_round(100)]})
        ratio = result["ratios"][0]
        self.assertAlmostEqual(ratio["median"], 0.4)
        self.assertAlmostEqual(ratio["most"], 0.7)
        self.assertTrue(ratio["met"])
        self.assertTrue(result["ratios"][1]["met"])
        self.assertIn("0.40 × dnsmasq (0.40 to 0.70), asked for 0.50: met", report.text(result))

    def test_a_missed_bar_and_phones_that_gave_up_are_said(self):
        result = rows.summary(self.row, {"stormdoor": [one_round(60, given_up=2,
                                                                 reasons={"no answer": 2})],
                                         "dnsmasq": [one_round(100, wrong=1)]})
        text = report.text(result)
        self.assertIn("0.60 × dnsmasq (0.60 to 0.60), asked for 0.50: MISSED", text)
        self.assertIn("given up: 2, asked for 0: MISSED", text)
        self.assertIn("{'no answer': 2}", text)
        self.assertIn("WRONG BYTES in 1 files", text)

    def test_a_peer_that_did_not_run_has_no_bar(self):
        result = rows.summary(self.row, {"stormdoor": [one_round(60)]})
        self.assertEqual([ratio["peer"] for ratio in result["ratios"]], [None])

    def test_the_table_has_a_line_per_row(self):
        result = rows.summary(self.row, {"stormdoor": [one_round(40)], "dnsmasq": [one_round(100)]})
        machine = {"processor": "p", "processors": 2, "kernel": "6", "load": "0.1", "commit": "abc"}
        table = report.markdown({"machine": machine, "rounds": 1, "rows": [result]})
        self.assertIn("| Work | 40 µs | dnsmasq 100 µs | 0.40 × dnsmasq (0.50); given up 0 (0) |", table)


class Rows(unittest.TestCase):
    def test_names_are_distinct_and_bars_name_servers_of_the_row(self):
        names = [row.name for row in rows.ROWS]
        self.assertEqual(len(names), len(set(names)))
        for row in rows.ROWS:
            self.assertEqual([name for name in row.servers if rows.is_ours(name)][:1],
                             [row.servers[0]])
            for bar in row.bars:
                self.assertTrue(bar.peer is None or bar.peer in row.servers, row.name)
                self.assertIn(bar.figure, row.figures)


class TheStormBesideAPortal(unittest.TestCase):
    def test_boots_phones_that_the_registry_knows(self):
        storm, registry = office.phones_csv(200), portal.registry(5_000, 200)
        self.assertTrue(registry.startswith(storm))
        macs = [line.split(",")[0] for line in registry.splitlines()[1:]]
        self.assertEqual(len(set(macs)), 5_000)
        self.assertEqual(len(macs), 5_000)


class ACpuAccount(unittest.TestCase):
    def test_counts_processes_below_one(self):
        import os
        self.assertIn(os.getpid(), servers.processes_below(os.getppid()))
        self.assertGreater(servers.cpu_of(os.getpid()), 0)
        self.assertEqual(servers.cpu_of(2**30), 0)

    def test_a_server_that_ends_at_once_is_told_with_its_last_words(self):
        with tempfile.TemporaryDirectory() as folder:
            server = servers.Server("it", pathlib.Path(folder) / "it",
                                    ["sh", "-c", "echo no such key >&2; exit 1"])
            with self.assertRaisesRegex(servers.Failed, "(?s)it did not start.*no such key"):
                server.start(lambda: False)
            server.stop()


if __name__ == "__main__":
    sys.exit(unittest.main())
