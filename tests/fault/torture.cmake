# SPDX-License-Identifier: MIT
#
# The program with wrappers between it and sys.c, and what fails in it (torture.c, blind.c). Included by
# CMakeLists.txt of this directory.

file(READ calls.h calls)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS calls.h)
string(REGEX MATCHALL "\t(CALL|PATH|MEMORY)\\([a-z_ *]+, sys_[a-z_0-9]+," wraps "${calls}")
list(TRANSFORM wraps REPLACE ".*(sys_[a-z_0-9]+),$" "-Wl,--wrap=\\1")
add_executable(fault_sexton ${PROJECT_SOURCE_DIR}/src/main.c wrap.c)
sexton_link_layers(fault_sexton run launch cli)
target_link_options(fault_sexton PRIVATE ${wraps})

add_test(NAME fault_calls_fit_sys_h
	COMMAND "${CMAKE_COMMAND}" -D "SYS_H=${PROJECT_SOURCE_DIR}/include/sexton/sys.h"
		-D "CALLS_H=${CMAKE_CURRENT_SOURCE_DIR}/calls.h"
		-P "${CMAKE_CURRENT_SOURCE_DIR}/check_calls.cmake")
set_tests_properties(fault_calls_fit_sys_h PROPERTIES LABELS fault TIMEOUT 60)

# The victim must start fast and do as it is told: no sanitizer in it.
add_executable(fault_victim victim.c)
target_link_libraries(fault_victim PRIVATE sexton_language sexton_warnings)

if(NOT Cmocka_INCLUDE_DIR OR NOT Cmocka_LIBRARY)
	return() # SextonTest has said so, and made a test of it that fails
endif()

foreach(test IN ITEMS torture blind)
	add_executable(fault_${test} ${test}.c run.c)
	if(test STREQUAL "torture")
		target_sources(fault_torture PRIVATE judge.c scenario.c)
	endif()
	target_include_directories(fault_${test} SYSTEM PRIVATE "${Cmocka_INCLUDE_DIR}")
	target_link_libraries(fault_${test} PRIVATE
		"${Cmocka_LIBRARY}" Threads::Threads sexton_language sexton_warnings)
	add_test(NAME fault_${test} COMMAND fault_${test}
		$<TARGET_FILE:fault_sexton> $<TARGET_FILE:fault_victim>)
	set_tests_properties(fault_${test} PROPERTIES
		LABELS fault TIMEOUT 600 ENVIRONMENT "${SEXTON_TEST_ENVIRONMENT}")
endforeach()
# Whoever moves processes between cgroups, as the benchmark does, stops all forks and exits of the machine
# meanwhile: the torture's limits are for who really hangs.
set_tests_properties(fault_torture PROPERTIES COST 200 RESOURCE_LOCK cgroups)
