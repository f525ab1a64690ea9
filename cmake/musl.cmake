# SPDX-License-Identifier: MIT
#
# A CMake toolchain: musl and the liburcu that cmake/musl-toolchain has put into SEXTON_MUSL. The
# presets "small" and "small-arm64" name both.

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SEXTON_MUSL)
if(NOT EXISTS "${SEXTON_MUSL}/complete")
	string(REGEX REPLACE ".*-" "" architecture "${SEXTON_MUSL}")
	message(FATAL_ERROR
		"there is no musl yet; run: cmake/musl-toolchain ${architecture} ${SEXTON_MUSL}")
endif()
file(STRINGS "${SEXTON_MUSL}/architecture" musl)
list(GET musl 0 CMAKE_SYSTEM_PROCESSOR)
list(GET musl 1 CMAKE_C_FLAGS_INIT)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER "${SEXTON_MUSL}/musl/bin/musl-gcc")
string(APPEND CMAKE_C_FLAGS_INIT " -fno-pie")
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(SEXTON_URCU_ROOT "${SEXTON_MUSL}/liburcu" CACHE PATH "liburcu for musl")
