# The console as an image: `docker build -t mayastor-console .`
# Node's version is a choice of the builder; the console wants 20.19 or newer.
ARG NODE=20
FROM node:${NODE}-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# The parts of `npm run build` that the console is made of; the embedded cluster stays out.
# Optional packages are compilers and image codecs for the build only.
RUN node scripts/build.mjs --only next \
 && node scripts/build.mjs --only server \
 && rm -rf .next/cache .next/dev .next/trace* \
 && npm prune --omit=dev --omit=optional

FROM node:${NODE}-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4200
WORKDIR /app
COPY --from=build /app/package.json /app/next.config.js ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/public ./public
COPY --from=build /app/.next ./.next
COPY --from=build /app/dist/server.mjs ./dist/server.mjs
# The only folder that Next writes to; a read-only file system mounts one here.
RUN install -d -o 1000 -g 1000 .next/cache
USER 1000:1000
EXPOSE 4200
# Not scripts/start.mjs: that builds what is out of date and ends with its standard input, and neither is wanted here.
# AGENT_CORE or CONFIG says which clusters to show, CONFIG how people sign in (docs/configuration.md); without a sign-in for
# other machines than its own it does not start. `docker run … doctor` explains a configuration and tries every upstream.
ENTRYPOINT ["node", "dist/server.mjs"]
