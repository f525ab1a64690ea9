# SPDX-License-Identifier: MIT
"""unshare.py - unshare of util-linux, called by somebody without rights."""
import burial
import host
from sandbox import Sandbox

TOOLS = "unshare", "nsenter", "setpriv"


class Unshare(Sandbox):
    name = "unshare -Ur"
    kinds = "user", "mount", "pid"
    cases = (
        *burial.GRACEFUL,
        burial.a_server_finishes_whatever_the_init_is_called,
        burial.a_server_finishes_as_nobody,
        burial.a_server_finishes_without_new_privileges,
        *burial.LIMITS,
    )

    def words(self, how):
        uid = 0 if how.user is None else how.user
        return host.as_user(
            *(["--no-new-privs"] if how.no_new_privs else []),
            "unshare", "--user", f"--map-user={uid}", f"--map-group={uid}", "--pid", "--fork",
            "--kill-child", "--mount-proc", "--root", self.place.rootfs)


def engines(place):
    return [Unshare(place)]
