# SPDX-License-Identifier: MIT
#
# An image that holds one file, the static sexton:
#
#	docker build -t sexton .
#
# In an image of your own, copy it from there:
#
#	COPY --from=sexton /sexton /sexton
#	ENTRYPOINT ["/sexton", "--"]
FROM debian:bookworm-slim AS build
RUN apt-get update && \
	apt-get install -y --no-install-recommends gcc libc6-dev make cmake liburcu-dev && \
	rm -rf /var/lib/apt/lists/*
COPY . /src
WORKDIR /src
RUN cmake --preset static && cmake --build --preset static --target sexton && \
	cmake --install build/static --strip --prefix /usr && /usr/bin/sexton --version

FROM scratch
COPY --from=build /usr/bin/sexton /sexton
ENTRYPOINT ["/sexton","--"]
