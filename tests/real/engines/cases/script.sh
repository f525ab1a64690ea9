#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A start script as people write them: no exec, and something after the server.
/cases/worker.sh server 1
echo "the script goes on"
