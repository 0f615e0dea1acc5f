/** A Dockerfile for a release: built in one stage, and only the release in the other, run by nobody in particular. */
import type { File } from "../../project/files.ts"

/** For the umbrella's root. The cookie is no part of the image. */
export function dockerFiles(name: string): readonly File[] {
  return [
    {
      path: `Dockerfile.${name}`,
      content: `# syntax=docker/dockerfile:1
# The release ${name}. docker build -f Dockerfile.${name} -t ${name} .
#                    docker run -e UMBEL_COOKIE=… -p 8080:8080 ${name}
FROM node:22-bookworm-slim AS build
WORKDIR /umbrella
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
# The cookie comes from the environment of the container, never from the image.
RUN npx umbel release ${name} && rm -f _build/${name}/releases/COOKIE

FROM node:22-bookworm-slim
ENV NODE_ENV=production UMBEL_RUN=/run/${name} UMBEL_LISTEN=0.0.0.0
RUN mkdir -p /run/${name} && chown node:node /run/${name}
WORKDIR /app
COPY --from=build /umbrella/_build/${name} ./
USER node
# 4369 is EPMD's; other nodes need it and UMBEL_PORT.
EXPOSE 4369
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["bin/${name}", "health"]
ENTRYPOINT ["/app/bin/${name}"]
CMD ["start"]
`,
    },
    {
      path: `Dockerfile.${name}.dockerignore`,
      content: `.git
.umbel
_build
**/node_modules
**/dist
coverage
*.log
`,
    },
  ]
}
