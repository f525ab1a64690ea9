# SPDX-License-Identifier: MIT
#
# sexton_add_unit_test(NAME SOURCES file... [LINK target...])
#
# Makes a cmocka program NAME of the sources and a test of the same name: label "unit", 60 seconds.
# LINK names what else it stands on: layers (sexton_decide), a stand-in for one, libraries (Urcu::mb).
# Each layer must be named, nothing below comes along by itself: what a test does not name, it does
# not touch.

find_path(Cmocka_INCLUDE_DIR cmocka.h)
find_library(Cmocka_LIBRARY NAMES cmocka)
mark_as_advanced(Cmocka_INCLUDE_DIR Cmocka_LIBRARY)

if(NOT Cmocka_INCLUDE_DIR OR NOT Cmocka_LIBRARY)
	# The program can be built without it, but nobody must think that it was tested.
	message(WARNING "cmocka is missing (./dev deps --test): the unit tests cannot be built")
	add_test(NAME cmocka_is_installed COMMAND "${CMAKE_COMMAND}" -E false)
	set_tests_properties(cmocka_is_installed PROPERTIES LABELS unit)
endif()

# Options that make a sanitizer's finding a failure of the test, whoever reads the exit code. The
# sexton binary has its own built in (cmake/sanitizer.c), this is for the test programs.
set(SEXTON_TEST_ENVIRONMENT
	"ASAN_OPTIONS=detect_stack_use_after_return=1:exitcode=99"
	"UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:exitcode=99"
	"TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:exitcode=99")

function(sexton_add_unit_test name)
	cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
	if(NOT Cmocka_INCLUDE_DIR OR NOT Cmocka_LIBRARY)
		return()
	endif()
	add_executable(${name} ${arg_SOURCES})
	target_include_directories(${name} SYSTEM PRIVATE "${Cmocka_INCLUDE_DIR}")
	target_link_libraries(${name} PRIVATE
		${arg_LINK} "${Cmocka_LIBRARY}"
		sexton_language sexton_warnings sexton_hardening)
	add_test(NAME ${name} COMMAND ${name})
	set_tests_properties(${name} PROPERTIES
		LABELS unit TIMEOUT 60 ENVIRONMENT "${SEXTON_TEST_ENVIRONMENT}")
endfunction()
