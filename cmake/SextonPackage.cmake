# SPDX-License-Identifier: MIT
#
# A Debian package: cpack -G DEB in a build directory. It holds what cmake --install installs, below
# /usr, and registers the names as alternatives (cmake/package/postinst.in).

set(CPACK_PACKAGE_VENDOR "the sexton authors")
set(CPACK_PACKAGE_CONTACT "the sexton authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "first process of a container that leaves last")
set(CPACK_PACKAGE_DESCRIPTION "sexton forwards signals, buries zombies, asks whoever is left to end,
and exits when nobody is. It takes the place of tini, docker-init, dumb-init,
catatonit and the pause program of pods, by name.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
# Whatever the builder's umask is.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_SOURCE_DIR}/cmake/package/cpack.cmake")
if(NOT SEXTON_STATIC)
	set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()

# Which names are found in the PATH by those who use them. podman-init and pause are not among them:
# a container engine mounts the one at a place of its own, and the other is an image's only file.
set(names_in_path ${SEXTON_NAMES})
list(REMOVE_ITEM names_in_path podman-init pause)
list(JOIN names_in_path " " SEXTON_NAMES_IN_PATH)
cmake_path(ABSOLUTE_PATH SEXTON_NAMES_DIR BASE_DIRECTORY "${CPACK_PACKAGING_INSTALL_PREFIX}"
	OUTPUT_VARIABLE SEXTON_PACKAGE_NAMES_DIR)
foreach(script IN ITEMS postinst prerm)
	configure_file("cmake/package/${script}.in" "${PROJECT_BINARY_DIR}/package/${script}" @ONLY)
	list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/package/${script}")
endforeach()

include(CPack)
