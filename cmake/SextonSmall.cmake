# SPDX-License-Identifier: MIT
#
# How the released program is made small (preset "small", cmake/musl-toolchain). Measured for x86-64, in
# bytes of the file, from 162,120 (-Os, static-pie, the hardening of SextonCompile.cmake, Debian's musl)
# down to 91,000. What it does without, and why:
#
#	position independence   13,000 for relocations, and 12 kB of memory that each process changes
#	tables for unwinding    16,000; nobody unwinds, a debugger has the sources
#	-fstack-protector-strong  3,500 more than -fstack-protector, which guards whatever has a buffer
#	-fcf-protection         1,200, and the kernel does not turn it on for musl's programs
#	separate code, RELRO    6,000 to fill pages; without position independence nothing is relocated
#
# No memory is writable and executable, stacks are not executable, and large frames are probed.
#
# The presets name the generator: another one gives the linker the objects in another order, and what comes
# out has other bytes.

set(small_flags
	-Oz -fno-jump-tables -fno-caller-saves -fno-tree-loop-im -fno-ident -fno-pie
	-flto -flto-partition=one -ffunction-sections -fdata-sections
	-fno-asynchronous-unwind-tables -fno-unwind-tables
	-fstack-protector -fstack-clash-protection)
target_compile_options(sexton_hardening INTERFACE ${small_flags})
# Without crtbegin.o and crtend.o: musl needs nothing of them.
set(musl_lib "${SEXTON_MUSL}/musl/lib")
target_link_options(sexton_hardening INTERFACE
	${small_flags} -static -s -nostartfiles
	"${musl_lib}/crt1.o" "${musl_lib}/crti.o" "${musl_lib}/crtn.o"
	-Wl,--gc-sections -Wl,-z,noexecstack -Wl,-z,noseparate-code -Wl,-z,norelro
	"-Wl,-T,${PROJECT_SOURCE_DIR}/cmake/small.ld")

# What this adds to a program: see small.c.
function(sexton_make_small target)
	target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/small.c")
	set_property(TARGET ${target} APPEND PROPERTY
		LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/small.ld")
endfunction()
