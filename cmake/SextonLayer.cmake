# SPDX-License-Identifier: MIT
#
# A layer is an OBJECT library sexton_NAME and the layers it stands on.
#
# Objects find whatever symbol the final link has, so an OBJECT library alone forbids nothing. With
# tests on, each layer is therefore linked once with an empty main() and only what is below it
# (layer_NAME): whoever calls upwards is an undefined reference, and the build fails.

# sexton_layer(NAME [BELOW layer...] SOURCES file... [LINK library...])
function(sexton_layer name)
	cmake_parse_arguments(arg "" "" "BELOW;SOURCES;LINK" ${ARGN})
	set(target "sexton_${name}")
	# The layers below and theirs, and the libraries of them all: exitq.h includes a header of
	# liburcu's, so who includes exitq.h needs it too.
	set(closure ${name})
	set(libraries ${arg_LINK})
	foreach(below IN LISTS arg_BELOW)
		get_target_property(theirs "sexton_${below}" SEXTON_CLOSURE)
		list(APPEND closure ${theirs})
		get_target_property(theirs "sexton_${below}" SEXTON_LIBRARIES)
		list(APPEND libraries ${theirs})
	endforeach()
	list(REMOVE_DUPLICATES closure)
	list(REMOVE_DUPLICATES libraries)

	add_library(${target} OBJECT ${arg_SOURCES})
	set_target_properties(${target} PROPERTIES
		SEXTON_CLOSURE "${closure}" SEXTON_LIBRARIES "${libraries}")
	target_link_libraries(${target}
		PUBLIC sexton_language ${libraries}
		PRIVATE sexton_warnings sexton_hardening)

	if(BUILD_TESTING)
		set(empty_main "${PROJECT_BINARY_DIR}/layer_main.c")
		if(NOT EXISTS "${empty_main}")
			file(WRITE "${empty_main}" "int main(void)\n{\n\treturn 0;\n}\n")
		endif()
		add_executable(layer_${name} "${empty_main}")
		sexton_link_layers(layer_${name} ${name})
	endif()
endfunction()

# Links @target with the named layers and everything below them.
function(sexton_link_layers target)
	set(closure "")
	foreach(name IN LISTS ARGN)
		get_target_property(theirs "sexton_${name}" SEXTON_CLOSURE)
		list(APPEND closure ${theirs})
	endforeach()
	list(REMOVE_DUPLICATES closure)
	list(TRANSFORM closure PREPEND "sexton_")
	target_link_libraries(${target} PRIVATE
		${closure} sexton_language sexton_warnings sexton_hardening)
endfunction()
