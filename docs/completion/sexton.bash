# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Completion of sexton's command line for bash 4 and newer. Needs nothing of the package
# bash-completion; where that is loaded, COMMAND is completed as it would be without sexton.

# The table of options, as in src/cli_option.c: test_cli_docs compares the two.
_sexton_options='
-g --forward=child|group|session|tree|all
-r --rewrite=FROM:TO[,...]
   --delay=SIGNAL:TIME[,...]
   --stop-signals=LIST
   --ask-with=LIST
   --on-exit=drain|wait|leave
   --main-pid-file=PATH
   --exec=auto|wait|ignore
   --grace=TIME
   --stop-timeout=TIME
   --exit-code=main|last|worst
-e --ok-exit=CODES
-p --parent-death=SIGNAL
   --new-group
   --setsid
   --no-group
   --tty=auto|never
   --step-aside
-P --pause
   --no-subreaper
-w --warn-reaped
-v --verbose
-h --help
-V --version
'
# What --as takes, as in include/sexton/name.h.
_sexton_names='tini docker-init dumb-init catatonit podman-init pause'

# Signals that can arrive, and all that can be sent.
_sexton_arriving='HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM STKFLT CONT TSTP
	TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX'
_sexton_signals="$_sexton_arriving KILL STOP CHLD"

# Sets $words to the words up to the cursor as sexton will get them, and $starts to where each starts
# in COMP_WORDS: there they are cut at = and :, which are in COMP_WORDBREAKS.
_sexton_read_words()
{
	local line=${COMP_LINE:0:COMP_POINT} last='' rest piece i

	words=()
	starts=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		rest=${line#"${line%%[![:space:]]*}"}
		piece=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || piece=$rest
		if ((i > 0)) && [[ $rest == "$line" && ($piece == [=:]* || $last == *[=:]) ]]; then
			words[${#words[@]} - 1]+=$piece
		else
			words+=("$piece")
			starts+=("$i")
		fi
		last=$piece
		line=${rest:${#piece}}
	done
}

# Does $1 ("--grace", "-e") take a value? Then $option is its long name and $placeholder stands for
# the value. The options of other names are not completed, only skipped.
_sexton_takes_value()
{
	local letter long

	case $as in
	'') ;;
	tini | docker-init | podman-init)
		[[ $1 == -[pe] ]]
		return
		;;
	dumb-init)
		[[ $1 == -r || $1 == --rewrite ]]
		return
		;;
	*) return 1 ;;
	esac
	while read -r letter long; do
		long=${long:-$letter}
		[[ $long == *=* ]] || continue
		# -g is the one letter that stands for an option and its value.
		if [[ $1 == "${long%%=*}" || ($1 == "$letter" && $1 != -g) ]]; then
			option=${long%%=*}
			placeholder=${long#*=}
			return 0
		fi
	done <<<"$_sexton_options"
	return 1
}

# Does an option with a value end the group of letters $1? Then $value is what is attached to it.
_sexton_letters()
{
	local i

	for ((i = 1; i < ${#1}; i++)); do
		value=${1:i+1}
		! _sexton_takes_value "-${1:i:1}" || return 0
	done
	return 1
}

# Keeps of each reply what readline puts in the place of the last piece of $cur.
_sexton_cut()
{
	local piece=$cur

	[[ $COMP_WORDBREAKS != *=* ]] || piece=${piece##*=}
	[[ $COMP_WORDBREAKS != *:* ]] || piece=${piece##*:}
	((${#COMPREPLY[@]} == 0)) || COMPREPLY=("${COMPREPLY[@]#"${cur%"$piece"}"}")
}

# Completes $value of $option. $cur ends in it.
_sexton_value()
{
	local part=$value list='' suffix=''

	case $option in
	--rewrite | --delay | --stop-signals | --ask-with)
		compopt -o nospace # the list may go on
		part=${value##*,}
		;;
	esac
	case $option:$part in
	--rewrite:*:*)
		part=${part#*:}
		list="$_sexton_signals none"
		;;
	--delay:*:* | --ask-with:*:*) ;; # a time
	--rewrite:* | --delay:*)
		list=$_sexton_arriving
		suffix=:
		;;
	--ask-with:*) list=$_sexton_signals ;;
	--stop-signals:*)
		list=$_sexton_arriving
		[[ $part != "$value" ]] || list+=' none'
		;;
	--parent-death:*) list="$_sexton_signals none" ;;
	--as:*) list=$_sexton_names ;;
	*) [[ $placeholder != *'|'* ]] || list=${placeholder//'|'/ } ;;
	esac
	if [[ $option == --main-pid-file ]]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -P "${cur%"$part"}" -- "$part")
	else
		mapfile -t COMPREPLY < <(compgen -P "${cur%"$part"}" -S "$suffix" -W "$list" -- "$part")
	fi
	_sexton_cut
}

_sexton_option_names()
{
	local letter long list=''

	[[ ! $as ]] || return 0
	while read -r letter long; do
		[[ $long ]] || long=$letter letter=''
		list+=" $letter ${long%%=*}"
		[[ $long != *=* ]] || list+='='
	done <<<"$_sexton_options"
	((last > 1)) || list+=' --as'
	mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
	[[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}

# Completes COMMAND, which is number $1 of $words, or what follows it.
_sexton_command()
{
	local offset

	for offset in _comp_command_offset _command_offset; do
		if declare -F "$offset" >/dev/null; then
			"$offset" "${starts[$1]}"
			return
		fi
	done
	if (($1 < last)); then
		compopt -o default # file names
		return
	fi
	[[ $cur != */* ]] || compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	_sexton_cut
}

# Reads --as NAME, which comes first: sets $as, and $i to what follows. Returns 0 if the cursor is there.
_sexton_as()
{
	case ${words[1]} in
	--as)
		((last > 1)) || return 1 # the option itself is being written
		as=${words[2]}
		i=3
		;;
	--as=*)
		as=${words[1]#*=}
		i=2
		;;
	esac
	((i > last)) || return 1
	option=--as
	value=$as
	_sexton_value
}

_sexton()
{
	local IFS=$' \t\n'
	local words starts cur last i=1 as='' option='' placeholder='' value=''

	COMPREPLY=()
	_sexton_read_words
	last=$((${#words[@]} - 1))
	cur=${words[last]}
	! _sexton_as || return 0
	for (( ; i < last; i++)); do
		value=''
		case ${words[i]} in
		--)
			_sexton_command $((i + 1))
			return
			;;
		--*=*) continue ;;
		--*) _sexton_takes_value "${words[i]}" || continue ;;
		-?*) _sexton_letters "${words[i]}" || continue ;;
		*)
			_sexton_command "$i"
			return
			;;
		esac
		# Its value is the next word, if none is attached.
		if [[ ! $value ]] && ((++i == last)); then
			value=$cur
			_sexton_value
			return
		fi
	done
	case $cur in
	--*=*)
		value=${cur#*=}
		! _sexton_takes_value "${cur%%=*}" || _sexton_value
		;;
	-[!-]?*)
		if _sexton_letters "$cur" && [[ $value ]]; then
			_sexton_value
		else
			_sexton_option_names
		fi
		;;
	-*) _sexton_option_names ;;
	*) _sexton_command "$last" ;;
	esac
}

complete -F _sexton sexton
