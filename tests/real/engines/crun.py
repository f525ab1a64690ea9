# SPDX-License-Identifier: MIT
"""crun.py - OCI bundles run by crun."""
import burial
import host
from oci import Oci

TOOLS = ("crun",)


class Crun(Oci):
    # runc has threads of its own in there when it begins.
    cases = (*Oci.cases, burial.the_init_does_without_a_thread_where_there_is_no_room_for_one)


def engines(place):
    host.leave_out_hybrid()
    return [Crun(place, "crun", ["crun", "--root", f"{place.directory}/crun",
                                 "--cgroup-manager=cgroupfs"])]
