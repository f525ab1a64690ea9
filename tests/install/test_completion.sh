#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# test_completion.sh - what the Tab key offers behind "sexton" in bash.
#
# Each question is typed into an interactive bash of its own, whose readline cuts the line into words
# as it does for a user; no terminal is needed for that.
# shellcheck disable=SC2317 # run() calls the tests by name
set -eu
# shellcheck source=tests/install/check.sh
. "$(dirname "$0")/check.sh"

# A bash that types $1, with the commands $2 run before; nothing of the user's is read.
types()
{
	printf '%s' "$1" |
		(cd "$work" && env -i HOME="$work" INPUTRC=/dev/null TERM=dumb PATH="$scratch/bin:/usr/bin:/bin" \
			ENV= "$BASH" --noprofile --rcfile <(printf '%s\n' ". '$script'" "PS1='$ '" "$2") -i) \
			>"$work/typed" 2>&1
}

# offered LINE [COMMANDS]: prints what Tab at the end of LINE offers, sorted, on one line. In
# $work/compopt is how readline was told to go on.
offered()
{
	rm -f "$work/offered" "$work/compopt"
	types "$1"$'\t\025exit\n' "
		compopt() { echo \"\$2\" >>'$work/compopt'; builtin compopt \"\$@\"; }
		probe() { _sexton \"\$@\"; printf '%s\n' \"\${COMPREPLY[@]}\" >'$work/offered'; COMPREPLY=(); }
		complete -F probe sexton
		${2:-}"
	[ -e "$work/offered" ] || fail "no completion of '$1': $(cat "$work/typed")"
	LC_ALL=C sort -u "$work/offered" | paste -sd ' '
}

# offers LINE WORDS [COMMANDS]
offers()
{
	equal "what is offered for '$1'" "$(offered "$1" "${3:-}")" "$2"
}

# offers_among LINE WORD...: each of them and others. A word with a ! must not be there.
offers_among()
{
	local line=$1 words word

	words=$(offered "$line")
	shift
	for word; do
		case " $words " in
		*" ${word#!} "*) [ "$word" = "${word#!}" ] || fail "${word#!} is offered for '$line'" ;;
		*) [ "$word" != "${word#!}" ] || fail "'$line' offers no $word but '$words'" ;;
		esac
	done
}

# becomes LINE WORDS: what sexton gets when Tab was pressed at the end of LINE and then Enter.
becomes()
{
	types "$1"$'\t\nexit\n' "sexton() { printf '%s\n' \"\$@\" >'$work/words'; }"
	equal "what '$1' becomes" "$(paste -sd ' ' "$work/words")" "$2"
}

# The options of --help, as the manual writes them: --grace=TIME
options()
{
	"$SEXTON" --help | sed -n 's/^  \(-.,\|   \) \(--[^ ]*\).*/\2/p'
}

plain_bash_knows_how_to_complete_sexton()
{
	equal "the completion" "$("$BASH" --norc --noprofile -c ". '$script'; complete -p sexton")" \
		"complete -F _sexton sexton"
	equal "what else is in its directory" "$(ls "${script%/*}")" sexton
}

every_option_of_the_help_is_offered_and_no_other()
{
	offers "sexton -" "$({
		options | sed 's/=.*/=/'
		"$SEXTON" --help | sed -n 's/^  \(-.\)[ ,].*/\1/p'
		echo --as
	} | LC_ALL=C sort | paste -sd ' ')"
	offers "sexton --stop" "--stop-signals= --stop-timeout="
	offers "sexton --fo" --forward=
	equal "what readline was told" "$(cat "$work/compopt")" nospace
	offers "sexton --setsid --no-s" --no-subreaper
	[ ! -e "$work/compopt" ] || fail "a flag is not followed by a space"
	offers_among "sexton -v -" '!--as' --grace=
	offers "sexton --nonsense" ""
}

options_with_fixed_words_offer_these_in_both_forms()
{
	local option words count=0

	for option in $(options | grep '|'); do
		words=$(tr '|' '\n' <<<"${option#*=}" | LC_ALL=C sort | paste -sd ' ')
		offers "sexton ${option%%=*}=" "$words"
		offers "sexton -v ${option%%=*} " "$words"
		count=$((count + 1))
	done
	equal "the number of options with fixed words" "$count" 5
	offers "sexton --forward=s" session
	offers "sexton --exit-code wo" worst
	offers "sexton --grace=" ""
	offers "sexton --ok-exit " ""
}

lists_go_on_behind_a_comma_and_a_colon()
{
	offers "sexton --ask-with=TE" TERM
	equal "what readline was told" "$(cat "$work/compopt")" nospace
	offers "sexton --ask-with INT,TE" INT,TERM
	offers "sexton --ask-with=INT:2s,QU" 2s,QUIT
	offers "sexton --ask-with=INT:" ""
	offers "sexton --stop-signals=TERM,USR" "TERM,USR1 TERM,USR2"
	offers "sexton -r TER" TERM:
	offers "sexton -r TERM:QU" QUIT
	offers "sexton -rTERM:QU" QUIT
	offers "sexton --rewrite=TERM:QUIT,HUP:no" none
	offers "sexton -gvr HUP:no" none
	offers "sexton -gvpKI" -gvpKILL
	offers "sexton --delay=TER" TERM:
	offers "sexton --delay TERM:5s,QU" 5s,QUIT:
	offers "sexton --delay=TERM:" ""
}

signals_are_offered_where_sexton_takes_them()
{
	local option signal words

	for option in --ask-with --stop-signals --parent-death; do
		words=$(offered "sexton $option=")
		[ "$(wc -w <<<"$words")" -gt 25 ] || fail "few signals for $option: '$words'"
		for signal in $words; do
			quietly "$SEXTON" "$option=$signal" --help
		done
	done
	for signal in $(offered "sexton --rewrite="); do
		quietly "$SEXTON" "--rewrite=${signal}TERM" --help
	done
	for signal in $(offered "sexton --rewrite=TERM:"); do
		quietly "$SEXTON" "--rewrite=TERM:$signal" --help
	done
	for signal in $(offered "sexton --delay="); do
		quietly "$SEXTON" "--delay=${signal}5s" --help
	done
	offers_among "sexton --stop-signals=" none TERM RTMIN '!KILL' '!STOP' '!CHLD'
	offers_among "sexton --stop-signals=TERM," TERM,INT '!TERM,none'
	offers_among "sexton --parent-death " none KILL TERM
	offers_among "sexton --delay=" TERM: '!KILL:' '!none:'
}

files_are_offered_for_the_main_pid_file()
{
	mkdir "$work/run"
	touch "$work/run/nginx.pid" "$work/run/my server.pid"
	offers "sexton --main-pid-file=$work/run/ng" "$work/run/nginx.pid"
	equal "what readline was told" "$(cat "$work/compopt")" filenames
	offers "sexton --main-pid-file $work/run/my" "$work/run/my server.pid"
	becomes "sexton --main-pid-file=$work/run/ng" "--main-pid-file=$work/run/nginx.pid"
	becomes "sexton --main-pid-file $work/ru" "--main-pid-file $work/run/"
}

other_names_are_offered_first_and_their_options_are_skipped()
{
	local names="catatonit docker-init dumb-init pause podman-init tini"

	offers "sexton --as " "$names"
	offers "sexton --as=" "$names"
	offers "sexton --as=ti" tini
	offers "sexton --as tini -" ""
	offers "sexton --as tini -p " ""
	offers "sexton --as tini -gp SIGTERM -- gravedig" gravedigger
	offers "sexton --as=dumb-init --rewrite 15:3 gravedig" gravedigger
	offers "sexton --as catatonit -g gravedig" gravedigger
}

without_bash_completion_commands_and_files_are_offered()
{
	offers "sexton gravedig" gravedigger
	offers "sexton -- gravedig" gravedigger
	offers "sexton -gv --grace 5s -e 143 --tty=auto gravedig" gravedigger
	offers "sexton $scratch/bin/gr" "$scratch/bin/gravedigger"
	offers "sexton -p TERM -- gravedigger --forw" ""
	equal "what readline was told" "$(cat "$work/compopt")" default
	becomes "sexton gravedigger $scratch/bin/gr" "gravedigger $scratch/bin/gravedigger"
}

# Both names that the package's function has had.
with_bash_completion_the_command_completes_itself()
{
	local name

	for name in _command_offset _comp_command_offset; do
		offers "sexton --grace=5s -r TERM:QUIT gravedigger --sha" "8:gravedigger --sha" \
			"$name() { COMPREPLY=(\"\$1:\${COMP_WORDS[*]:\$1}\"); }"
		offers "sexton -- gra" "2:gra" "$name() { COMPREPLY=(\"\$1:\${COMP_WORDS[*]:\$1}\"); }"
	done
}

a_line_becomes_what_was_meant()
{
	becomes "sexton --forward=tr" "--forward=tree"
	becomes "sexton --on-exit w" "--on-exit wait"
	becomes "sexton --rewrite=TERM:QU" "--rewrite=TERM:QUIT"
	becomes "sexton --ask-with=INT:2s,HU" "--ask-with=INT:2s,HUP"
	becomes "true; A=1 sexton -g --delay=TERM:5s,WINC" "-g --delay=TERM:5s,WINCH:"
	becomes "sexton --main-p" "--main-pid-file="
	becomes "sexton --warn" "--warn-reaped"
}

# Some remove them, to complete URLs and the like.
words_need_not_break_at_equal_signs_and_colons()
{
	# shellcheck disable=SC2016 # the bash that is asked expands it
	local commands='COMP_WORDBREAKS=${COMP_WORDBREAKS//[=:]/}'

	offers "sexton --forward=gr" --forward=group "$commands"
	offers "sexton --ask-with=INT:2s,QU" --ask-with=INT:2s,QUIT "$commands"
	offers "sexton -r TERM:QU" TERM:QUIT "$commands"
	offers "sexton --tty=never gravedig" gravedigger "$commands"
}

(
	work=$scratch
	DESTDIR=$scratch/stage quietly "$CMAKE" --install "$BUILD" --prefix /usr
)
script=$scratch/stage/usr/share/bash-completion/completions/sexton
mkdir "$scratch/bin"
ln -s /bin/true "$scratch/bin/gravedigger"

run plain_bash_knows_how_to_complete_sexton \
	every_option_of_the_help_is_offered_and_no_other \
	options_with_fixed_words_offer_these_in_both_forms \
	lists_go_on_behind_a_comma_and_a_colon \
	signals_are_offered_where_sexton_takes_them \
	files_are_offered_for_the_main_pid_file \
	other_names_are_offered_first_and_their_options_are_skipped \
	without_bash_completion_commands_and_files_are_offered \
	with_bash_completion_the_command_completes_itself \
	a_line_becomes_what_was_meant \
	words_need_not_break_at_equal_signs_and_colons
