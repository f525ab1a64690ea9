# SPDX-License-Identifier: MIT
#
# An image that holds one file, the static sexton; on Debian's release below it is the very file that
# ./dev dist makes there.
#
#	docker build -t sexton .
#
# In an image of your own, copy it from there:
#
#	COPY --from=sexton /sexton /sexton
#	ENTRYPOINT ["/sexton", "--"]
FROM debian:bookworm-slim AS build
RUN apt-get update && \
	apt-get install -y --no-install-recommends gcc libc6-dev make cmake bzip2 xz-utils && \
	rm -rf /var/lib/apt/lists/*
COPY . /src
WORKDIR /src
RUN case $(uname -m) in \
	x86_64) preset=small ;; \
	aarch64) preset=small-arm64 ;; \
	*) echo "sexton is released for x86-64 and arm64, not for $(uname -m)" >&2; exit 1 ;; \
	esac && \
	cmake/musl-toolchain "$(uname -m)" "build/musl-$(uname -m)" && \
	cmake --preset $preset && cmake --build --preset $preset --target sexton && \
	cp build/$preset/sexton /sexton && /sexton --version

FROM scratch
COPY --from=build /sexton /sexton
ENTRYPOINT ["/sexton","--"]
