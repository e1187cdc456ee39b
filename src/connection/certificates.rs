//! TLS as libpq's `sslmode` means it, for every server: whose certificates are trusted, and the client's own.
//! Source: PostgreSQL documentation, section 34.19; MySQL's modes have the same meanings under other names.

use super::tls::{ClientCertificate, RootCertificates, TlsMode};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;

/// The configuration for a mode, trusting these authorities. A file of them makes `require` check the certificate.
/// `authorities_parameter` is the URL's parameter that names such a file, for messages.
///
/// # Errors
/// Certificates or a key cannot be read, or there is none; with the file.
pub(crate) fn tls_configuration(
    mode: TlsMode,
    roots: &RootCertificates,
    own: Option<&ClientCertificate>,
    authorities_parameter: &str,
) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mode = mode.with(roots);
    let (mut chain, mut named) = (None, Vec::new());
    if matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyFull) {
        let store;
        (store, named) = authorities(roots.file().as_deref(), authorities_parameter)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider)).build();
        chain = Some(verifier.map_err(|error| error.to_string())?);
    }
    let verifier = Verifier { provider: Arc::clone(&provider), chain, named, for_host: mode == TlsMode::VerifyFull };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let Some(own) = own else { return Ok(builder.with_no_client_auth()) };
    let certificates = certificates(&own.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&own.key).map_err(|error| unreadable(&own.key, &error))?;
    builder.with_client_auth_cert(certificates, key).map_err(|error| unreadable(&own.certificate, &error))
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// The certificates of a file; at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, &error))?;
    let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(path, &error))?;
    if certificates.is_empty() {
        return Err(format!("{}: there is no certificate in it", path.display()));
    }
    Ok(certificates)
}

/// The authorities of a file, or of the operating system; and the certificates of the file.
fn authorities(file: Option<&Path>, parameter: &str) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), String> {
    let (mut roots, mut named) = (RootCertStore::empty(), Vec::new());
    match file {
        Some(path) => {
            named = certificates(path)?;
            for certificate in &named {
                roots.add(certificate.clone()).map_err(|error| unreadable(path, &error))?;
            }
        }
        None => {
            // Single unreadable files among the system's are common and harmless; no certificate at all is not.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(format!("no certificate authority was found; name a file with `{parameter}`"));
            }
        }
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
