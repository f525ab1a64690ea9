# SPDX-License-Identifier: MIT
"""browser_table.py - the scenario "puppeteer" for a README: who closes the browser, and who buries."""
from markdown import NONE

APPS = {  # of run.py, and what stands above the column
    "closes": "node closes its browser on SIGTERM",
    "shell": "the same behind `sh -c 'node app; true'`",
    "npm": "the same behind `npm start`",
    "group": "the same, Chromium in node's process group",
    "none": "no handler",
}
NOBODY = "none"


def markdown(found):
    meta, results = found["meta"], found["results"]
    parts = [_stops([one for one in results if one["story"] == "stop"]),
             _churns([one for one in results if one["story"] == "churn"]),
             *[_orphans(one) for one in results if one["story"] == "orphans"]]
    versions = "".join(f", {version}" for version in found["versions"].values())
    parts.append(f"`{meta['command']}`, {meta['date'][:10]}, {meta['kernel']}, {meta['cpus']} x "
                 f"{meta['cpu_model']}{versions}.")
    if not found["complete"]:
        parts.append("Incomplete: the run was stopped, or failed.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(heading, rows):
    lines = ["| " + " | ".join(heading) + " |", "|---" * len(heading) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _name(init):
    if init == NOBODY:
        return "no init"
    program, _, flags = init.partition(" ")
    return f"{program} `{flags}`" if flags else program


def _names(results):
    return list(dict.fromkeys(one["init"] for one in results))


def _stops(results):
    """A row an init, a column an app: how often the browser was closed cleanly."""
    if not results:
        return ""
    rows = []
    for name in sorted(_names(results), key=_order(results)):
        own = [one for one in results if one["init"] == name]
        rows.append([_name(name)] + [_stop([one for one in own if one["app"] == app])
                                     for app in APPS])
    return _table(["PID 1"] + list(APPS.values()), rows)


def _order(results):
    """Inits take turns: their order is that of the first run of the first app."""
    return _names([one for one in results if one["app"] == results[0]["app"]]).index


def _stop(runs):
    if not runs:
        return NONE
    clean = sum(one["clean"] for one in runs)
    text = f"{clean} of {len(runs)}"
    if clean == len(runs):
        return text
    killed = sum(one["killed"] for one in runs)
    return f"**{text}**" + (", SIGKILL after 10 s" if killed else "")


def _churns(results):
    """A row an init, a column a limit."""
    if not results:
        return ""
    limits = list(dict.fromkeys(one["limit"] for one in results))
    heading = ["PID 1"]
    for limit in limits:
        under = f"`pids.max` {limit}: " if limit else ""
        heading += [f"{under}launches", f"{under}zombies, peak / final"]
    rows = []
    for name in _names(results):
        row = [_name(name)]
        for limit in limits:
            row += _churn([one for one in results if (one["init"], one["limit"]) == (name, limit)])
        rows.append(row)
    return _table(heading, rows)


def _churn(found):
    if not found:
        return [NONE, NONE]
    one = found[0]
    final = NONE if one["final"] is None else one["final"]
    launches = f"{one['succeeded']} of {one['launches']}"
    if one["succeeded"] < one["launches"]:
        launches = f"**{launches}**"
    return [launches, f"{one['peak']} / {final}"]


def _orphans(one):
    counts = ", ".join(f"{way} {count:g}" for way, count in one["orphans"].items())
    return f"Processes that a launch leaves to PID 1, by how it ended: {counts}."
