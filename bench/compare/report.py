"""The figures as text and as Markdown."""

WORDS = {"cpu_us": "server CPU per unit", "p50_ms": "median", "p99_ms": "99th percentile",
         "served": "served", "given_up": "given up", "retransmissions": "retransmissions"}


def amount(figure, value):
    if figure.endswith("_us"):
        return f"{value / 1000:.2f} ms" if value >= 10_000 else f"{value:.4g} µs"
    if figure.endswith("_ms"):
        return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.3g} ms"
    return f"{value:,.0f}"


def spread(figure, value):
    middle = amount(figure, value["median"])
    if value["least"] == value["most"]:
        return middle
    return f"{middle} ({amount(figure, value['least'])} to {amount(figure, value['most'])})"


def text(row):
    lines = []
    for name, figures in row["figures"].items():
        lines.append(f"  {name:10} " + "; ".join(
            (f"{spread(figure, value)}" if figure == "cpu_us" and len(figures) == 1
             else f"{WORDS[figure]} {spread(figure, value)}") for figure, value in figures.items()))
        if row["wrong"][name]:
            lines.append(f"             WRONG BYTES in {row['wrong'][name]} files")
        if row["given_up"][name]:
            lines.append(f"             given up: {row['reasons'][name]}")
    for ratio in row["ratios"]:
        lines.append(f"  {WORDS[ratio['figure']]}: {ratio['median']:.2f} × {ratio['peer']} "
                     f"({ratio['least']:.2f} to {ratio['most']:.2f}), asked for {ratio['bar']:.2f}: "
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
        peers = "; ".join(f"{name} {cell(name)}" for name in row["figures"] if name != "stormdoor")
        ratios = "; ".join(f"{ratio['median']:.2f} × {ratio['peer']} ({ratio['bar']:.2f}"
                           + ("" if ratio["met"] else ", missed") + ")" for ratio in row["ratios"])
        lines.append(f"| {row['title']} | {cell('stormdoor')} | {peers} | {ratios} |")
    return "\n".join(lines) + "\n"
