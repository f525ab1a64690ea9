# SPDX-License-Identifier: MIT
"""
seccomp.py - the engines' default profile as an OCI runtime wants it.

What the package containers-common brings is the form that podman and docker read: a rule may hold
for some capabilities, machines or kernels only. The runtime is given those that are left.
"""
import json
import os

from engine import Failed

PROFILES = "/usr/share/containers/seccomp.json", "/etc/containers/seccomp.json"
MACHINES = {"x86_64": ("SCMP_ARCH_X86_64", "amd64"), "aarch64": ("SCMP_ARCH_AARCH64", "arm64")}


def profile(caps):
    """For a container with these capabilities."""
    for path in PROFILES:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return convert(json.load(file), set(caps), *MACHINES[os.uname().machine])
    raise Failed(f"no {PROFILES[0]} (the package of containers-common)")


def convert(source, caps, native, machine):
    sub = [entry.get("subArchitectures") or [] for entry in source["archMap"]
           if entry["architecture"] == native]
    result = {
        "defaultAction": source["defaultAction"],
        "architectures": [native, *(sub[0] if sub else [])],
        "syscalls": [rule(entry) for entry in source["syscalls"] if holds(entry, caps, machine)],
    }
    if "defaultErrnoRet" in source:
        result["defaultErrnoRet"] = source["defaultErrnoRet"]
    return result


def holds(entry, caps, machine):
    includes = entry.get("includes") or {}
    excludes = entry.get("excludes") or {}
    return (set(includes.get("caps") or []) <= caps
            and machine in (includes.get("arches") or [machine])
            and is_new_enough(includes.get("minKernel"))
            and not set(excludes.get("caps") or []) & caps
            and machine not in (excludes.get("arches") or []))


def is_new_enough(kernel):
    if not kernel:
        return True
    ours = os.uname().release.split("-")[0].split(".")
    return [int(part) for part in ours[:2]] >= [int(part) for part in kernel.split(".")[:2]]


def rule(entry):
    result = {"names": entry["names"], "action": entry["action"]}
    for key in "args", "errnoRet":
        if entry.get(key):
            result[key] = entry[key]
    return result
