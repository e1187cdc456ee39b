//! TLS as libpq's `sslmode` means it. Source: PostgreSQL documentation, section 34.19.

use super::TargetError;
use crate::connection::{RootCertificates, TlsMode};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The connector for a mode, trusting these authorities. A file of them makes `require` check the certificate.
pub(super) fn connector(mode: TlsMode, roots: &RootCertificates) -> Result<MakeRustlsConnect, TargetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let broken = |error: &dyn std::fmt::Display| TargetError::Certificates(error.to_string());
    let mode = mode.with(roots);
    let (mut chain, mut named) = (None, Vec::new());
    if matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyFull) {
        let store;
        (store, named) = authorities(roots.file().as_deref())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider)).build();
        chain = Some(verifier.map_err(|error| broken(&error))?);
    }
    let verifier = Verifier { provider: Arc::clone(&provider), chain, named, for_host: mode == TlsMode::VerifyFull };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The authorities of a file, or of the operating system; and the certificates of the file.
fn authorities(file: Option<&Path>) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TargetError> {
    let (mut roots, mut named) = (RootCertStore::empty(), Vec::new());
    match file {
        Some(path) => {
            let broken =
                |error: &dyn std::fmt::Display| TargetError::Certificates(format!("{}: {error}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| broken(&error))? {
                let certificate = certificate.map_err(|error| broken(&error))?;
                roots.add(certificate.clone()).map_err(|error| broken(&error))?;
                named.push(certificate);
            }
        }
        None => {
            // Single unreadable files among the system's are common and harmless; no certificate at all is not.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(TargetError::Certificates(match file {
            Some(path) => format!("{}: there is no certificate in it", path.display()),
            None => "no certificate authority was found; name a file with `sslrootcert`".to_owned(),
        }));
    }
    Ok((roots, named))
}

/// Accepts any certificate; or (with `chain`) one of a known authority, for this host or whatever its name.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates of the file of authorities. A server's own certificate may be among them.
    named: Vec<CertificateDer<'static>>,
    /// Whether the certificate has to be for the host that is asked.
    for_host: bool,
}

impl Verifier {
    /// Whether this is a certificate that the user has named itself, refused only because it is an authority,
    /// as self-signed ones are. OpenSSL accepts it. webpki has checked its dates by then.
    fn is_named_itself(&self, end_entity: &CertificateDer<'_>, error: &CertificateError) -> bool {
        let CertificateError::Other(cause) = error else { return false };
        cause.to_string().contains("CaUsedAsEndEntity") && self.named.iter().any(|named| named == end_entity)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is checked last: everything else was right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.for_host => Ok(ServerCertVerified::assertion()),
            Err(Error::InvalidCertificate(error)) if self.is_named_itself(end_entity, &error) => {
                if self.for_host {
                    verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
