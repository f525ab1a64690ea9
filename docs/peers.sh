#!/bin/sh
# SPDX-License-Identifier: MIT
#
# peers.sh - what an init does as PID 1. The table in the README comes from here.
#
# Usage: docs/peers.sh INIT...
#   docs/peers.sh build/release/sexton tini 'tini -g' dumb-init catatonit 'catatonit -g'
# Each INIT becomes the first process of PID namespaces of its own, as root or in a user namespace (util-linux unshare,
# coreutils env). Prints a line a fact; takes about 15 seconds an INIT.
# shellcheck disable=SC2016,SC2086 # scripts for other shells, and lists of words
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# For the scripts that run in the namespaces.
export ready="$work/ready" out="$work/out" worker="$work/worker"
mkfifo "$ready"

unshare="unshare --pid --fork --kill-child --mount-proc"
[ "$(id -u)" = 0 ] || unshare="$unshare --map-root-user"

# Needs a second after SIGTERM.
cat > "$worker" <<'END'
#!/bin/sh
trap 'echo asked >> "$out"; sleep 1; echo finished >> "$out"; exit 0' TERM
echo ready > "$ready"
sleep 1000 & wait
END
# A program for SPARC: e_machine 2 at offset 18.
cp -L "$(command -v env)" "$work/foreign"
printf '\002\000' | dd of="$work/foreign" bs=1 seek=18 conv=notrunc status=none
printf '#!/bin/sh\r\nexit 0\r\n' > "$work/crlf"
printf '#!/bin/sh\nexit 0\n' > "$work/not-executable"
chmod +x "$worker" "$work/foreign" "$work/crlf"

say() {
	printf '%-14s %-26s %s\n' "${init##*/}" "$1" "$2"
}

# What the scripts wrote to $out, in one line.
written() {
	tr '\n' ' ' < "$out"
}

# Runs "$@" in a new PID namespace until it is ready; $first is then the first process there.
begin() {
	: > "$out"
	$unshare "$@" 2> "$work/stderr" & unshare_pid=$!
	timeout 10 head -n 1 "$ready" > /dev/null || { echo "$0: $init: not ready" >&2; exit 1; }
	first=$(cat "/proc/$unshare_pid/task/$unshare_pid/children")
	first=${first% }
}

end() {
	code=0
	wait "$unshare_pid" || code=$?
}

# Sets $code to the exit code of "$@" (137: it had to be killed) and $line to the first line that it writes to stderr.
# KILL, because unshare ignores TERM while it waits.
run() {
	code=0
	timeout -s KILL 5 "$@" 2> "$work/stderr" || code=$?
	line=$(head -n 1 "$work/stderr" | sed "s|$work/||g")
}

measure_leaving() {
	begin $init -- sh -c 'setsid "$worker" & wait'
	kill -s TERM "$first" # from outside, as a container engine does it
	end
	say "stop: worker in a session" "$(written)"

	begin $init -- sh -c '"$worker" & wait'
	kill -s TERM "$first"
	end
	say "stop: worker in the group" "$(written)"

	: > "$out"
	run $unshare $init -- sh -c 'setsid "$worker" & read -r _ < "$ready"; exit 3'
	say "main exits: worker" "$(written)(exit code $code)"
}

measure_inheritance() {
	run $unshare env --ignore-signal=CHLD $init -- sh -c 'exit 5'
	say "SIGCHLD ignored, exit 5" "$code $line"
	run $unshare $init -- sh -c 'exit 5' <&-
	say "stdin closed, exit 5" "$code $line"
	run env LISTEN_PID=1 $unshare sh -c 'exec env LISTEN_PID=$$ "$@"' sh $init -- \
		sh -c 'echo "LISTEN_PID=$LISTEN_PID pid=$$" > "$out"'
	say "LISTEN_PID" "$(written)"
}

measure_at_rest() {
	(
		cd /tmp
		exec 7< /dev/null
		begin $init -- sh -c 'echo ready > "$ready"; exec sleep 1000'
		say "cwd" "$(readlink "/proc/$first/cwd")"
		[ -e "/proc/$first/fd/7" ] && held=open || held=closed
		say "inherited fd 7" "$held"
		before=$(switches "$first")
		sleep 5
		say "context switches in 5 s" "$(($(switches "$first") - before))"
		kill -s KILL "$first"
		end
	)
}

# Of all threads, voluntary and not.
switches() {
	cat "/proc/$1/task/"*/status | awk '/ctxt_switches/ { n += $2 } END { print n }'
}

# Signals that a CPU raises against a faulty program, sent by a user instead.
measure_synchronous() {
	: > "$work/all"
	for signal in ILL TRAP ABRT BUS FPE SEGV SYS; do
		export signal
		begin $init -- bash -c 'trap "echo $signal >> $out; exit 0" "$signal"
			echo ready > "$ready"; sleep 1000 & wait'
		kill -s "$signal" "$first"
		(sleep 1; kill -s KILL "$first") 2> /dev/null & killer=$!
		end
		wait "$killer" || :
		cat "$out" >> "$work/all"
	done
	say "faults sent by a user" "$(tr '\n' ' ' < "$work/all")"
}

measure_exec() {
	run $unshare $init -- /no/such/file
	say "exec: no such file" "$code $line"
	run $unshare $init -- "$work/not-executable"
	say "exec: not executable" "$code $line"
	run $unshare $init -- "$work/foreign"
	say "exec: wrong architecture" "$code $line"
	run $unshare $init -- "$work/crlf"
	say "exec: CRLF after #!" "$code $line"
}

for words in "$@"; do
	set -- $words
	program=$(readlink -f "$(command -v "$1")") || { echo "$0: $1: not found" >&2; exit 1; }
	shift
	init="$program $*"
	measure_leaving
	measure_inheritance
	measure_at_rest
	measure_synchronous
	measure_exec
done
