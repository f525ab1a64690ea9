#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
sbom.py - what is in a release, as a CycloneDX document on standard output.

  cmake/sbom.py VERSION BUILD DIST

BUILD has the toolchains (cmake/musl-toolchain) that say what is linked in, and the fetched files that it
was made of; DIST the programs. There is no serial number and no time but SOURCE_DATE_EPOCH: the same
release has the same document.
"""
import datetime
import hashlib
import json
import os
import sys

ARCHITECTURES = (("x86_64", "x86_64", "amd64"), ("aarch64", "arm64", "arm64"))
LICENCES = {"sexton": "MIT", "musl": "MIT", "liburcu": "LGPL-2.1-or-later"}


def sha256(path):
    with open(path, "rb") as file:
        return [{"alg": "SHA-256", "content": hashlib.sha256(file.read()).hexdigest()}]


def licences(name):
    return [{"license": {"id": LICENCES[name]}}]


def linked(build, architecture, debian):
    """The components that are linked into the program for one architecture."""
    with open(f"{build}/musl-{architecture}/components", encoding="ascii") as file:
        for line in file:
            name, version, package_version, source = line.split()
            package = f"{source.partition('_')[0]}@{package_version}"
            kind = debian if source.endswith(".deb") else "source"
            purl = f"pkg:deb/debian/{package}?arch={kind}"
            yield {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": version,
                "licenses": licences(name),
                "purl": purl,
                "hashes": sha256(f"{build}/fetched/{source}"),
            }


def document(version, build, dist):
    whole = {
        "type": "application",
        "bom-ref": f"pkg:generic/sexton@{version}",
        "name": "sexton",
        "version": version,
        "licenses": licences("sexton"),
        "purl": f"pkg:generic/sexton@{version}",
    }
    components = {}
    depends = {whole["bom-ref"]: []}
    for architecture, release, debian in ARCHITECTURES:
        program = f"sexton-linux-{release}"
        components[program] = {
            "type": "file",
            "bom-ref": program,
            "name": program,
            "version": version,
            "licenses": licences("sexton"),
            "hashes": sha256(f"{dist}/{program}"),
        }
        depends[whole["bom-ref"]].append(program)
        depends[program] = []
        for component in linked(build, architecture, debian):
            components[component["bom-ref"]] = component
            depends[program].append(component["bom-ref"])
    moment = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]),
                                             datetime.timezone.utc)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": whole},
        "components": list(components.values()),
        "dependencies": [{"ref": ref, "dependsOn": on} for ref, on in depends.items()],
    }


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    json.dump(document(*sys.argv[1:]), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
