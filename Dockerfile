# The image: the bundle, its compile cache and Node.js on a base that has a C library and no shell.
# `npm run release` names both bases by digest (docs/releasing.md); a tag is enough to try it out. Nothing in here depends
# on the architecture: build it on a machine of each.
ARG BUILD_BASE=docker.io/library/node:26.10.0-bookworm-slim
ARG RUNTIME_BASE=gcr.io/distroless/cc-debian12:latest

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# The bundle needs nothing that an install script makes.
RUN npm ci --ignore-scripts --no-audit --no-fund
# The Node.js of the image is the one that the tests ran on.
RUN node -e 'const { node } = require("./package.json").devDependencies; \
  if (process.versions.node !== node) throw new Error(`BUILD_BASE has Node.js ${process.version}, not ${node}`)'
COPY LICENSE tsconfig.json ./
COPY scripts scripts
COPY src src
# Not `npm run build`: that would make the compile cache with another Node.js than the one that is copied.
RUN node scripts/build.ts /app && cp LICENSE /app/LICENSE && \
  printf '#!/usr/local/bin/node\nimport("/app/podpass.mjs");\n' >/app/podpass && chmod 755 /app/podpass
# libatomic, which Node.js needs and the base does not have: into the folder of the architecture, where it is looked for.
RUN mkdir -p /node/usr/local/bin && cp /usr/local/bin/node /node/usr/local/bin/node && \
  libatomic=$(LD_TRACE_LOADED_OBJECTS=1 /usr/local/bin/node | sed -n 's/.*libatomic[^ ]* => \([^ ]*\).*/\1/p') && \
  if [ -n "$libatomic" ]; then \
    folder=/node/usr/lib/$(basename "$(dirname "$libatomic")") && mkdir -p "$folder" && cp -L "$libatomic" "$folder"; \
  fi

# Fails where the base lacks a library. A stage of its own, since running something leaves mount points behind.
FROM ${RUNTIME_BASE} AS tried
COPY --from=build /node/ /
COPY --from=build /app /app
USER 65532:65532
RUN ["/usr/local/bin/node", "/app/podpass.mjs", "--version"]

FROM ${RUNTIME_BASE}
COPY --from=build /node/ /
COPY --from=tried /app /app
# The heap's bounds keep the process below 256 MiB whatever pods it is sent, and one arena for all threads of glibc's malloc
# saves 6 to 8 MiB: docs/benchmarks.md.
ENV PATH=/app:/usr/local/bin:/usr/bin:/bin \
  NODE_COMPILE_CACHE=/app/compile-cache \
  NODE_COMPILE_CACHE_PORTABLE=1 \
  NODE_OPTIONS="--max-old-space-size=128 --max-semi-space-size=2" \
  MALLOC_ARENA_MAX=1
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Podpass" \
  org.opencontainers.image.description="A Kubernetes admission webhook that gives pods a keyless, short-lived identity." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}"
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/usr/local/bin/node", "/app/podpass.mjs"]
