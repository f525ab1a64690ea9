# SPDX-License-Identifier: MIT
#
# What is installed where, and the names. libexec/sexton/NAME is a link to the program, which then
# speaks as NAME; nothing outside that directory gets a name of somebody else's.

# The one list of names. The package (SextonPackage.cmake) and tests/install read it.
set(SEXTON_NAMES tini tini-static docker-init dumb-init catatonit podman-init pause)
set(SEXTON_NAMES_DIR "${CMAKE_INSTALL_LIBEXECDIR}/sexton")

install(TARGETS sexton RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES man/sexton.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
# Where the package bash-completion looks for it when sexton is typed.
install(FILES docs/completion/sexton.bash
	DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME sexton)
install(FILES README.md CHANGELOG.md LICENSE docs/COMPAT.md
	DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# What is linked into the one file has licences of its own.
if(SEXTON_MUSL)
	install(FILES "${SEXTON_MUSL}/COPYING" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
endif()

install(DIRECTORY DESTINATION "${SEXTON_NAMES_DIR}")

# The way from the links to the program is found when it is installed: --prefix may move one of the
# two directories and not the other. The links are relative, so that the tree may be moved as well,
# and DESTDIR is no part of them.
install(CODE "
	set(bin \"${CMAKE_INSTALL_BINDIR}\")
	set(names_dir \"${SEXTON_NAMES_DIR}\")
	set(names \"${SEXTON_NAMES}\")")
install(CODE [[
	cmake_path(ABSOLUTE_PATH bin BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
	cmake_path(ABSOLUTE_PATH names_dir BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
	cmake_path(RELATIVE_PATH bin BASE_DIRECTORY "${names_dir}" OUTPUT_VARIABLE way)
	foreach(name IN LISTS names)
		message(STATUS "Installing: $ENV{DESTDIR}${names_dir}/${name} -> ${way}/sexton")
		file(CREATE_LINK "${way}/sexton" "$ENV{DESTDIR}${names_dir}/${name}" SYMBOLIC)
		list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${names_dir}/${name}")
	endforeach()]])
