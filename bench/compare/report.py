"""The figures as text and as Markdown."""

WORDS = {"cpu_us": "server CPU per unit", "p50_ms": "median", "p99_ms": "99th percentile",
         "arrival_p99_ms": "99th percentile from arrival",
         "served": "served", "given_up": "given up", "retransmissions": "retransmissions", "idle_bytes": "memory per idle connection",
         "retried_percent": "after a retransmission", "patience_percent": "of their repeats used",
         "looks": "looks of the portal", "slowest_look_ms": "slowest look",
         "loose": "attackers not stopped", "blocked": "phones blocked"}


def amount(figure, value):
    if figure.endswith("_us"):
        return f"{value / 1000:.2f} ms" if value >= 10_000 else f"{value:.4g} µs"
    if figure.endswith("_ms"):
        return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.3g} ms"
    if figure.endswith("_bytes"):
        return f"{value / 1024:.1f} KiB"
    if figure.endswith("_percent"):
        return f"{value:.3g} %"
    return f"{value:,.0f}"


def spread(figure, value):
    middle = amount(figure, value["median"])
    if value["least"] == value["most"]:
        return middle
    return f"{middle} ({amount(figure, value['least'])} to {amount(figure, value['most'])})"


def against(ratio):
    """What came out, beside a peer or alone."""
    if ratio["peer"] is None:
        return spread(ratio["figure"], ratio)
    return f"{ratio['median']:.2f} × {ratio['peer']} ({ratio['least']:.2f} to {ratio['most']:.2f})"


def asked(ratio):
    return f"{ratio['bar']:.2f}" if ratio["peer"] else amount(ratio["figure"], ratio["bar"])


def text(row):
    lines = []
    for name, figures in row["figures"].items():
        lines.append(f"  {name:18} " + "; ".join(
            (f"{spread(figure, value)}" if figure == "cpu_us" and len(figures) == 1
             else f"{WORDS[figure]} {spread(figure, value)}") for figure, value in figures.items()))
        if row["wrong"][name]:
            lines.append(f"                     WRONG BYTES in {row['wrong'][name]} files")
        if row["given_up"][name]:
            lines.append(f"                     given up: {row['reasons'][name]}")
    for ratio in row["ratios"]:
        lines.append(f"  {WORDS[ratio['figure']]}: {against(ratio)}, asked for {asked(ratio)}: "
                     + ("met" if ratio["met"] else "MISSED"))
    return "\n".join(lines)


def markdown(results):
    machine = results["machine"]
    lines = [f"{machine['processor']}, {machine['processors']} processors, Linux {machine['kernel']}, "
             f"load {machine['load']}, commit {machine['commit']}; medians of {results['rounds']} "
             "interleaved rounds (least to most).", "",
             "| work | stormdoor | peers | ratio (asked for) |", "| --- | --- | --- | --- |"]
    for row in results["rows"]:
        def cell(name):
            return ", ".join((f"{WORDS[figure]} " if len(row["figures"][name]) > 1 else "")
                             + spread(figure, value) for figure, value in row["figures"][name].items())
        ours = next(name for name in row["figures"] if name.startswith("stormdoor"))
        peers = "; ".join(f"{name} {cell(name)}" for name in row["figures"] if name != ours)
        ratios = "; ".join(
            (f"{ratio['median']:.2f} × {ratio['peer']} ({asked(ratio)}" if ratio["peer"] else
             f"{WORDS[ratio['figure']]} {amount(ratio['figure'], ratio['median'])} ({asked(ratio)}")
            + ("" if ratio["met"] else ", missed") + ")" for ratio in row["ratios"])
        lines.append(f"| {row['title']} | {cell(ours)} | {peers} | {ratios} |")
    return "\n".join(lines) + "\n"
