# syntax=docker/dockerfile:1

# One image with three programs: keyward-api (the default), keyward-worker and migrate.
# docker-compose.yml chooses the program of each container.

FROM rust:1.95-bookworm AS build
WORKDIR /build

# Dependencies only, with empty sources: this layer is rebuilt only when a manifest changes. The test
# packages are members of the workspace, so they must exist.
COPY Cargo.toml Cargo.lock ./
COPY .cargo/config.toml .cargo/
COPY api/Cargo.toml api/
COPY core/Cargo.toml core/
COPY migrations/Cargo.toml migrations/
COPY worker/Cargo.toml worker/
COPY tests/Cargo.toml tests/
COPY tests/stack/Cargo.toml tests/stack/
RUN mkdir -p api/src core/src migrations/src worker/src worker/benches tests/harness tests/stack/src \
 && touch api/src/lib.rs core/src/lib.rs migrations/src/lib.rs worker/src/lib.rs \
          tests/harness/lib.rs tests/stack/src/lib.rs \
 && echo 'fn main() {}' >worker/benches/avatars.rs \
 && for package in api worker; do echo 'fn main() {}' >$package/src/main.rs; done \
 && cargo build --release --locked

# The product. Cargo compares modification times, and these files may be older than the empty ones.
COPY .sqlx .sqlx
COPY core core
COPY migrations migrations
COPY api api
COPY worker worker
RUN find api core migrations worker -name '*.rs' -exec touch {} + \
 && cargo build --release --locked \
 && mkdir -p /programs /blobs \
 && cp target/release/keyward-api target/release/keyward-worker target/release/migrate /programs

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Keyward" \
      org.opencontainers.image.description="A self-hosted account backend" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Certificate authorities, to verify mail relays and webhook endpoints.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /programs/ /usr/local/bin/
# Avatars, unless they are in a bucket; mount a volume that API and worker share.
COPY --from=build --chown=65532:65532 /blobs /var/lib/keyward/blobs
COPY LICENSE-APACHE LICENSE-MIT core/src/domain/password/common_passwords.license.txt /usr/share/doc/keyward/
# The loopback of a container is unreachable from outside. The host decides which ports are open.
ENV API_ADDR=0.0.0.0:8080 OPS_ADDR=0.0.0.0:8081 API_OPS_ADDR=0.0.0.0:8082
EXPOSE 8080 8081 8082
USER 65532:65532
CMD ["keyward-api"]
