//! The connector of PostgreSQL's driver, with or without TLS.

use super::TargetError;
use crate::connection::{ClientCertificate, RootCertificates, TlsMode, tls_configuration};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The connector for a mode, trusting these authorities, and showing the client's own certificate where it is asked for.
pub(super) fn connector(
    mode: TlsMode,
    roots: &RootCertificates,
    own: Option<&ClientCertificate>,
) -> Result<MakeRustlsConnect, TargetError> {
    // A certificate that is not used need not be right.
    let own = own.filter(|_| mode != TlsMode::Disable);
    if let Some(own) = own {
        own.check_key().map_err(TargetError::Certificates)?;
    }
    let configuration = tls_configuration(mode, roots, own, "sslrootcert");
    configuration.map(MakeRustlsConnect::new).map_err(TargetError::Certificates)
}
