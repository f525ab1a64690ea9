# SPDX-License-Identifier: MIT
#
# Packages: cpack -G DEB, or RPM, in a build directory. Each holds what cmake --install installs, below
# /usr. The one for Debian registers the names as alternatives (cmake/package/postinst.in). The RPM
# registers nothing: where it goes those paths are other packages' files, and without scripts it needs no
# shell and leaves nothing behind.

set(CPACK_PACKAGE_VENDOR "the sexton authors")
set(CPACK_PACKAGE_CONTACT "the sexton authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "first process of a container that leaves last")
set(CPACK_PACKAGE_DESCRIPTION "sexton forwards signals, buries zombies, asks whoever is left to end,
and exits when nobody is. It takes the place of tini, docker-init, dumb-init,
catatonit and the pause program of pods, by name.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
if(SEXTON_MUSL)
	set(CPACK_STRIP_FILES OFF) # it was linked so, and is the same file wherever it is found
endif()
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
# Else they take it for this machine's.
if(CMAKE_CROSSCOMPILING)
	set(debian_x86_64 amd64)
	set(debian_aarch64 arm64)
	set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE "${debian_${CMAKE_SYSTEM_PROCESSOR}}")
	set(CPACK_RPM_PACKAGE_ARCHITECTURE "${CMAKE_SYSTEM_PROCESSOR}")
endif()

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "MIT AND LGPL-2.1-or-later")
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Base")
set(CPACK_PACKAGE_RELOCATABLE OFF)
# The directories that every system has; the others are removed with the package.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
	/usr/libexec /usr/share/man /usr/share/man/man1)
# No stripping and compressing by whatever this machine's rpmbuild does, and nothing of the machine and
# of the hour in the package (with SOURCE_DATE_EPOCH).
set(CPACK_RPM_SPEC_INSTALL_POST ":")
set(CPACK_RPM_COMPRESSION_TYPE gzip)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none
%define _buildhost localhost
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define source_date_epoch_from_changelog 0
%define debug_package %{nil}")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/package/times.cmake")
# Without one cpack invents an entry.
file(WRITE "${PROJECT_BINARY_DIR}/package/changelog" "")
set(CPACK_RPM_CHANGELOG_FILE "${PROJECT_BINARY_DIR}/package/changelog")

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
