# SPDX-License-Identifier: MIT
"""bubblewrap.py - bwrap --as-pid-1, called by somebody without rights."""
import burial
import host
from engine import Failed
from sandbox import Sandbox

TOOLS = "bwrap", "nsenter", "setpriv"


def a_server_finishes_in_a_sandbox_as_it_comes(engine):
    # No capability, no new one, nothing to write to: bwrap gives nothing that was not asked for.
    burial.harsh(engine, "read-only", "CapEff 0000000000000000", "CapBnd 0000000000000000",
                 "NoNewPrivs 1")


def the_container_ends_with_bwrap(engine):
    container = engine.start(["/cases/worker.sh", "server", "1"])
    container.line("ready server")
    container.process.kill()
    if container.end().count("asked server"):
        raise Failed("bwrap was killed, and the server was asked")


class Bubblewrap(Sandbox):
    name = "bwrap --as-pid-1"
    kinds = "mount", "pid", "net", "ipc", "uts"
    cases = (
        *burial.GRACEFUL,
        burial.a_server_finishes_whatever_the_init_is_called,
        a_server_finishes_in_a_sandbox_as_it_comes,
        burial.a_server_finishes_as_nobody,
        the_container_ends_with_bwrap,
        *burial.LIMITS,
    )

    def words(self, how):
        user = [] if how.user is None else ["--uid", str(how.user), "--gid", str(how.user)]
        return host.as_user(
            "bwrap", "--unshare-all", "--die-with-parent", "--as-pid-1", *user,
            "--ro-bind", self.place.rootfs, "/", "--dev", "/dev", "--proc", "/proc",
            "--tmpfs", "/tmp", "--")


def engines(place):
    return [Bubblewrap(place)]
