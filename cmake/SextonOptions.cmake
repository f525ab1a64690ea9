# SPDX-License-Identifier: MIT
#
# What a builder may choose. The presets (CMakePresets.json) are combinations of these.

option(SEXTON_WERROR "Warnings are errors (for developers)" OFF)
option(SEXTON_STATIC "Link everything statically" OFF)
option(SEXTON_HARDEN "Compile and link with the usual hardening" ON)
set(SEXTON_SANITIZE "" CACHE STRING "Sanitizers: empty, 'address,undefined' or 'thread'")
set(SEXTON_URCU_ROOT "" CACHE PATH
	"A liburcu of one's own, as cmake/liburcu-from-source makes it; empty: the system's")
set(SEXTON_TESTED "" CACHE FILEPATH
	"A sexton that is built already: the tests are of that one; empty: of the one that is built here")

set(SEXTON_MUSL "" CACHE PATH
	"What cmake/musl-toolchain made, for the released program; empty: no musl. Needs cmake/musl.cmake")

get_property(sexton_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT CMAKE_BUILD_TYPE AND NOT sexton_multi_config)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Kind of build" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
