# SPDX-License-Identifier: MIT
#
# liburcu's "mb" flavour as Urcu::mb: headers, both libraries (static ones with SEXTON_STATIC or
# SEXTON_URCU_ROOT), and the two definitions that choose the flavour and its inline functions.
# _LGPL_SOURCE also makes the queue header-only, so liburcu-cds is not needed; LGPL 2.1 section 5
# allows small inline functions in a program under another licence.

set(urcu_names_mb urcu-mb)
set(urcu_names_common urcu-common)
if(SEXTON_STATIC OR SEXTON_URCU_ROOT)
	set(urcu_names_mb liburcu-mb.a)
	set(urcu_names_common liburcu-common.a)
endif()
if(SEXTON_URCU_ROOT)
	set(urcu_where HINTS "${SEXTON_URCU_ROOT}" NO_DEFAULT_PATH)
else()
	find_package(PkgConfig QUIET)
	if(PkgConfig_FOUND)
		pkg_check_modules(PC_URCU QUIET liburcu-mb)
	endif()
	set(urcu_where HINTS ${PC_URCU_INCLUDE_DIRS} ${PC_URCU_LIBRARY_DIRS})
endif()
find_path(Urcu_INCLUDE_DIR urcu/wfcqueue.h ${urcu_where} PATH_SUFFIXES include)
find_library(Urcu_MB_LIBRARY NAMES ${urcu_names_mb} ${urcu_where} PATH_SUFFIXES lib)
find_library(Urcu_COMMON_LIBRARY NAMES ${urcu_names_common} ${urcu_where} PATH_SUFFIXES lib)
mark_as_advanced(Urcu_INCLUDE_DIR Urcu_MB_LIBRARY Urcu_COMMON_LIBRARY)

set(urcu_reason "install liburcu's headers and libraries (./dev deps)")
if(SEXTON_URCU_ROOT)
	set(urcu_reason "run: cmake/liburcu-from-source ${SEXTON_URCU_ROOT}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Urcu
	REQUIRED_VARS Urcu_MB_LIBRARY Urcu_COMMON_LIBRARY Urcu_INCLUDE_DIR
	REASON_FAILURE_MESSAGE "${urcu_reason}")

if(Urcu_FOUND AND NOT TARGET Urcu::mb)
	add_library(Urcu::mb INTERFACE IMPORTED)
	set_target_properties(Urcu::mb PROPERTIES
		INTERFACE_COMPILE_DEFINITIONS "RCU_MB;_LGPL_SOURCE"
		INTERFACE_INCLUDE_DIRECTORIES "${Urcu_INCLUDE_DIR}"
		INTERFACE_LINK_LIBRARIES "${Urcu_MB_LIBRARY};${Urcu_COMMON_LIBRARY}")
endif()
