# SPDX-License-Identifier: MIT
#
# cpack runs this on what it will pack. With SOURCE_DATE_EPOCH everything is of that time: rpmbuild takes it
# for what is younger only.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
	execute_process(
		COMMAND find "${CPACK_TEMPORARY_INSTALL_DIRECTORY}"
			-exec touch --no-dereference "--date=@$ENV{SOURCE_DATE_EPOCH}" "{}" +
		COMMAND_ERROR_IS_FATAL ANY)
endif()
