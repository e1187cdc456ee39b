//! The connector of PostgreSQL's driver, with or without TLS.

use super::TargetError;
use crate::connection::{RootCertificates, TlsMode, tls_configuration};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The connector for a mode, trusting these authorities.
pub(super) fn connector(mode: TlsMode, roots: &RootCertificates) -> Result<MakeRustlsConnect, TargetError> {
    let configuration = tls_configuration(mode, roots, None, "sslrootcert");
    configuration.map(MakeRustlsConnect::new).map_err(TargetError::Certificates)
}
