# SPDX-License-Identifier: MIT
#
# cmake -D SYS_H=sys.h -D CALLS_H=calls.h -P check_calls.cmake
#
# Fails unless every function that sys.h declares is either made to fail by the torture test (a line
# of FAULT_CALLS) or exempt with a reason, and nothing is listed that sys.h does not declare.
cmake_minimum_required(VERSION 3.20)
file(READ "${SYS_H}" sys_h)
string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" sys_h "${sys_h}")
# Defined in the header itself: no system call behind it.
string(REGEX REPLACE "static inline [^{]*{[^}]*}" "" sys_h "${sys_h}")
string(REGEX MATCHALL "sys_[a-z_0-9]+\\(" declared "${sys_h}")
list(TRANSFORM declared REPLACE "\\($" "")

file(READ "${CALLS_H}" calls_h)
string(REGEX MATCHALL "\t(CALL|PATH|MEMORY)\\([a-z_ *]+, sys_[a-z_0-9]+," listed "${calls_h}")
list(TRANSFORM listed REPLACE ".*(sys_[a-z_0-9]+),$" "\\1")
string(REGEX MATCHALL "\n \\* sys_[a-z_0-9]+: [a-z]" exempt "${calls_h}")
list(TRANSFORM exempt REPLACE ".*(sys_[a-z_0-9]+):.*" "\\1")

list(LENGTH declared count)
if(count LESS 30)
	message(FATAL_ERROR "only ${count} functions found in ${SYS_H}: this script cannot read it any more")
endif()
set(wrong "")
foreach(name IN LISTS declared)
	if(NOT name IN_LIST listed AND NOT name IN_LIST exempt)
		string(APPEND wrong "\n  ${name} is declared in sys.h, but neither made to fail nor exempt")
	elseif(name IN_LIST listed AND name IN_LIST exempt)
		string(APPEND wrong "\n  ${name} is both made to fail and exempt")
	endif()
endforeach()
foreach(name IN LISTS listed exempt)
	if(NOT name IN_LIST declared)
		string(APPEND wrong "\n  ${name} is not declared in sys.h")
	endif()
endforeach()
if(wrong)
	message(FATAL_ERROR "tests/fault/calls.h does not fit sys.h:${wrong}")
endif()
message(STATUS "${count} functions of sys.h, all accounted for")
