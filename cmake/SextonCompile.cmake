# SPDX-License-Identifier: MIT
#
# Three INTERFACE targets that every target of ours links:
#	sexton_language   the dialect, the include directory, the version
#	sexton_warnings   what the compiler should tell us
#	sexton_hardening  what the compiler should defend us with, or the sanitizers in its place
# Each flag is probed, so that gcc and clang of any age, and musl's gcc, take what they know.

include(CheckCCompilerFlag)
include(CheckCSourceCompiles)

# Adds each of the flags that the compiler knows to @target.
function(sexton_add_compile_flags target)
	foreach(flag IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "sexton_cc${flag}" known)
		check_c_compiler_flag("${flag}" ${known})
		if(${known})
			target_compile_options(${target} INTERFACE "${flag}")
		endif()
	endforeach()
endfunction()

# Sets @ret to whether a program can be compiled and linked with @compile_flag and @link_flag.
function(sexton_check_link ret compile_flag link_flag)
	set(CMAKE_REQUIRED_FLAGS "${compile_flag}")
	set(CMAKE_REQUIRED_LINK_OPTIONS "${link_flag}")
	check_c_source_compiles("int main(void) { return 0; }" ${ret})
endfunction()

function(sexton_add_link_flags target)
	foreach(flag IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "sexton_ld${flag}" known)
		sexton_check_link(${known} "" "${flag}")
		if(${known})
			target_link_options(${target} INTERFACE "${flag}")
		endif()
	endforeach()
endfunction()

add_library(sexton_language INTERFACE)
target_compile_features(sexton_language INTERFACE c_std_11)
target_compile_definitions(sexton_language INTERFACE
	_GNU_SOURCE _FILE_OFFSET_BITS=64 SEXTON_VERSION="${PROJECT_VERSION}")
target_include_directories(sexton_language INTERFACE "${PROJECT_SOURCE_DIR}/include")

add_library(sexton_warnings INTERFACE)
# A format that is handed on (log_line(), a test's fake) is no literal; its first caller's was checked.
sexton_add_compile_flags(sexton_warnings
	-Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wundef -Wvla
	-Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough -Wno-format-nonliteral)
if(SEXTON_WERROR)
	sexton_add_compile_flags(sexton_warnings -Werror)
endif()

# Whoever builds the same sources gets the same program, wherever they lie.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	check_c_compiler_flag("-ffile-prefix-map=a=b" sexton_cc_file_prefix_map)
	if(sexton_cc_file_prefix_map)
		set(prefix_maps "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=."
			"-ffile-prefix-map=${PROJECT_BINARY_DIR}=build")
		target_compile_options(sexton_language INTERFACE ${prefix_maps})
		target_link_options(sexton_language INTERFACE ${prefix_maps}) # with -flto it compiles
	endif()
endif()

add_library(sexton_hardening INTERFACE)
if(SEXTON_MUSL)
	include(SextonSmall)
elseif(SEXTON_SANITIZE)
	target_compile_options(sexton_hardening INTERFACE
		"-fsanitize=${SEXTON_SANITIZE}" -fno-omit-frame-pointer)
	target_link_options(sexton_hardening INTERFACE "-fsanitize=${SEXTON_SANITIZE}")
	# A finding must fail the test that provoked it.
	if(SEXTON_SANITIZE MATCHES "undefined")
		sexton_add_compile_flags(sexton_hardening -fno-sanitize-recover=undefined)
	endif()
elseif(SEXTON_HARDEN)
	sexton_add_compile_flags(sexton_hardening
		-fstack-protector-strong -fstack-clash-protection -fcf-protection)
	# Fortified functions need an optimizer; some distributions set a level of their own.
	if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" OR CMAKE_C_FLAGS_DEBUG MATCHES "-O[g1-3s]")
		target_compile_options(sexton_hardening INTERFACE
			-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
	endif()
	sexton_add_link_flags(sexton_hardening
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code)
endif()

# Static or dynamic, position independent where the toolchain can do that.
if(SEXTON_STATIC AND NOT SEXTON_MUSL)
	sexton_check_link(sexton_static_pie -fPIE -static-pie)
	if(sexton_static_pie AND SEXTON_HARDEN)
		target_compile_options(sexton_hardening INTERFACE -fPIE)
		target_link_options(sexton_hardening INTERFACE -static-pie)
	else()
		target_link_options(sexton_hardening INTERFACE -static)
	endif()
	# What no function reaches is left out of the one file that has to hold everything.
	sexton_add_compile_flags(sexton_hardening -ffunction-sections -fdata-sections)
	sexton_add_link_flags(sexton_hardening -Wl,--gc-sections)
elseif(SEXTON_HARDEN AND NOT SEXTON_STATIC)
	sexton_check_link(sexton_pie -fPIE -pie)
	if(sexton_pie)
		target_compile_options(sexton_hardening INTERFACE -fPIE)
		target_link_options(sexton_hardening INTERFACE -pie)
	endif()
endif()
