//! Tells clients the contracts, in both versions of the protocol.

use tonic_health::pb::health_server::SERVICE_NAME as HEALTH;
use tonic_reflection::server::{Builder, v1, v1alpha};

/// The reflection services of a process that hosts these services; they are listed with health.
pub(super) fn services(
    names: &[&str],
) -> (
    v1::ServerReflectionServer<impl v1::ServerReflection + use<>>,
    v1alpha::ServerReflectionServer<impl v1alpha::ServerReflection + use<>>,
) {
    const FITS: &str = "the build has compiled these sets";
    (builder(names).build_v1().expect(FITS), builder(names).build_v1alpha().expect(FITS))
}

fn builder(names: &[&str]) -> Builder<'static> {
    let builder = Builder::configure()
        .register_encoded_file_descriptor_set(jangteo::DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name(HEALTH);
    names.iter().fold(builder, |builder, &name| builder.with_service_name(name))
}
