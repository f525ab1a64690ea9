# SPDX-License-Identifier: MIT
#
# cpack reads this before each generator. Without dpkg-shlibdeps it would leave the package without
# dependencies and say nothing.
cmake_policy(VERSION 3.21)
if(CPACK_GENERATOR STREQUAL "DEB" AND CPACK_DEBIAN_PACKAGE_SHLIBDEPS)
	find_program(SEXTON_SHLIBDEPS dpkg-shlibdeps)
	if(NOT SEXTON_SHLIBDEPS)
		message(FATAL_ERROR
			"dpkg-shlibdeps is missing, it finds what a dynamic program depends on: install "
			"dpkg-dev, or run cpack in the build directory of the static preset")
	endif()
endif()
