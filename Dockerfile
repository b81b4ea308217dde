# syntax=docker/dockerfile:1
#
#   docker build -t dqueue .
#   docker buildx build --platform linux/amd64,linux/arm64 -t your-registry/dqueue:0.1.0 --push .
#
# The major version alone: each build takes its latest security fixes.
ARG NODE_VERSION=24

# Compiled once, on the machine that builds: the result is JavaScript for every platform.
FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

# Of the platform that the image is for: esbuild is a binary.
FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:${NODE_VERSION}-bookworm-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dqueue" \
      org.opencontainers.image.description="Distributed job orchestration as an actor runtime on a message bus" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# A container is reached from outside it or not at all. Bundles stand in the image, so that its root can be read-only.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    METRICS_PORT=9464 \
    DQUEUE_HOME=/app/.dqueue \
    DQUEUE_JOBS=/app/jobs \
    HOME=/tmp
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY store/migrations store/migrations
COPY jobs jobs
# OpenShift runs it as any user of group 0.
RUN ln -s /app/dist/cli/main.js /usr/local/bin/dqueue \
 && dqueue build \
 && chown -R 1000:0 .dqueue \
 && chmod -R g=u .dqueue
USER 1000
EXPOSE 3000 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--", "dqueue"]
CMD ["dev"]
