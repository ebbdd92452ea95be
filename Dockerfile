# One image, three commands: api (the default), worker, migrate. See docs/deploy.md.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Each package is checked against the lockfile's SHA-512; no package's own script is run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/ scripts/
COPY src/ src/
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && node scripts/slim-install.mjs

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# Owned by root and written by nobody: the processes run as another user, with a root file system that may be read-only.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules/ node_modules/
COPY --from=build /app/dist/ dist/
COPY --from=build /app/scripts/healthcheck.mjs scripts/
# The user node, as a number: Kubernetes looks whether it is root.
USER 1000:1000
EXPOSE 3000
# The api by default; for a worker give its port: node scripts/healthcheck.mjs 9464.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "scripts/healthcheck.mjs"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["api"]
