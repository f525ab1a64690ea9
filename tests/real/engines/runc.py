# SPDX-License-Identifier: MIT
"""runc.py - OCI bundles run by runc."""
from oci import Oci

TOOLS = ("runc",)


def engines(place):
    return [Oci(place, "runc", ["runc", "--root", f"{place.directory}/runc"])]
