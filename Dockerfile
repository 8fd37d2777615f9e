# The image of jangteo: one static program, for every context. `make image` builds it.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --tag jangteo:0.1.0 .
ARG RUST=1.95

# Each platform is built on itself: SQLite and the allocator are C, and Alpine's own libc is the static one.
FROM rust:${RUST}-alpine AS build
RUN apk add --no-cache build-base ca-certificates
WORKDIR /source
COPY . .
# Dependencies stay in the caches: after a change only what changed is compiled.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target,sharing=locked \
    cargo build --release --locked --workspace --bin jangteo \
    && scripts/image-root target/release/jangteo /etc/ssl/certs/ca-certificates.crt /image

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=""
LABEL org.opencontainers.image.title="jangteo" \
      org.opencontainers.image.description="The backend of a neighbourhood market" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
ENV PATH=/usr/local/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt JANGTEO_DATA_DIR=/data
# By number: `runAsNonRoot` can't tell who a name is.
USER 65532:65532
EXPOSE 50051 8088
ENTRYPOINT ["/usr/local/bin/jangteo"]
CMD ["serve"]
