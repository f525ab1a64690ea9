# SPDX-License-Identifier: MIT
"""crun.py - OCI bundles run by crun."""
import host
from oci import Oci

TOOLS = ("crun",)


def engines(place):
    host.leave_out_hybrid()
    return [Oci(place, "crun", ["crun", "--root", f"{place.directory}/crun",
                                "--cgroup-manager=cgroupfs"])]
