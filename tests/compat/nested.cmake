# SPDX-License-Identifier: MIT
#
# The inits under each other and in narrow places: ours beside the originals (nested.c). Included by
# CMakeLists.txt of this directory.

# A program that is missing is reported by the test, as a failure.
set(nested_environment "SEXTON=${SEXTON_PROGRAM}")
foreach(name IN ITEMS tini dumb-init catatonit)
	find_program(Original_${name} ${name} PATHS /usr/libexec/podman /usr/libexec/catatonit)
	mark_as_advanced(Original_${name})
	string(TOUPPER "${name}" variable)
	string(REPLACE "-" "_" variable "${variable}")
	list(APPEND nested_environment "${variable}=${Original_${name}}")
endforeach()

if(Cmocka_INCLUDE_DIR AND Cmocka_LIBRARY) # else SextonTest has made a test of it that fails
	add_executable(compat_nested nested.c nested_place.c nested_run.c)
	target_include_directories(compat_nested SYSTEM PRIVATE "${Cmocka_INCLUDE_DIR}")
	target_link_libraries(compat_nested PRIVATE
		"${Cmocka_LIBRARY}" sexton_language sexton_warnings)
	add_test(NAME compat_nested COMMAND compat_nested)
	set_tests_properties(compat_nested PROPERTIES
		LABELS compat TIMEOUT 240 COST 50 ENVIRONMENT "${nested_environment}")
endif()
