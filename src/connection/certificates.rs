//! TLS as libpq's `sslmode` means it, for every server: whose certificates are trusted, and the client's own.
//! Source: PostgreSQL documentation, section 34.19; MySQL's modes have the same meanings under other names.

use super::tls::{ClientCertificate, RootCertificates, TlsMode};
use super::x509::Certificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
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
    let verifier =
        CertificateVerifier { provider: Arc::clone(&provider), chain, named, for_host: mode == TlsMode::VerifyFull };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let Some(own) = own else { return Ok(builder.with_no_client_auth()) };
    let certified = certified(own, &provider)?;
    Ok(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified))))
}

/// The client's certificate with its key. Rustls itself would refuse a certificate of version 1.
fn certified(own: &ClientCertificate, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let chain = certificates(&own.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&own.key).map_err(|error| unreadable(&own.key, &error))?;
    let key = provider.key_provider.load_private_key(key).map_err(|error| unreadable(&own.key, &error))?;
    let shown = chain.first().and_then(Certificate::read);
    let shown = shown.ok_or_else(|| unreadable(&own.certificate, &"it is no certificate of X.509"))?;
    let is_other = key.public_key().is_some_and(|key| key.as_ref() != shown.public_key().as_ref());
    if is_other {
        return Err(unreadable(&own.key, &"it is not the key of the certificate"));
    }
    Ok(CertifiedKey::new(chain, key))
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

/// A certificate of the first version.
fn version_1<'a>(certificate: &'a CertificateDer<'_>) -> Option<Certificate<'a>> {
    Certificate::read(certificate).filter(Certificate::is_version_1)
}

/// Accepts any certificate; or (with `chain`) one of a known authority, for this host or whatever its name.
#[derive(Debug)]
struct CertificateVerifier {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// The certificates of the file of authorities. A server's own certificate may be among them.
    named: Vec<CertificateDer<'static>>,
    /// Whether the certificate has to be for the host that is asked.
    for_host: bool,
}

impl CertificateVerifier {
    /// Whether this is a certificate that the user has named itself, refused only because it is an authority,
    /// as self-signed ones are. OpenSSL accepts it. webpki has checked its dates by then.
    fn is_named_itself(&self, end_entity: &CertificateDer<'_>, error: &CertificateError) -> bool {
        let CertificateError::Other(cause) = error else { return false };
        cause.to_string().contains("CaUsedAsEndEntity") && self.named.iter().any(|named| named == end_entity)
    }

    /// Accepts a certificate whose chain is right if the host does not matter, or is its common name, as for libpq where
    /// there are no alternative names; gives the error otherwise.
    fn named_for(
        &self,
        end_entity: &CertificateDer<'_>,
        server_name: &ServerName<'_>,
        error: Error,
    ) -> Result<ServerCertVerified, Error> {
        let is_named = || Certificate::read(end_entity).is_some_and(|found| found.is_named(&server_name.to_str()));
        if !self.for_host || is_named() { Ok(ServerCertVerified::assertion()) } else { Err(error) }
    }
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // Certificates of version 1 are unknown to webpki.
        if let Some(first) = version_1(end_entity) {
            first.check_signed_by(&self.named, &self.provider.signature_verification_algorithms, now)?;
            return self.named_for(end_entity, server_name, CertificateError::NotValidForName.into());
        }
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is checked last: everything else was right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.for_host => Ok(ServerCertVerified::assertion()),
            Err(
                error @ Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                ),
            ) => self.named_for(end_entity, server_name, error),
            Err(Error::InvalidCertificate(error)) if self.is_named_itself(end_entity, &error) => {
                match verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name) {
                    Err(error) => self.named_for(end_entity, server_name, error),
                    Ok(()) => Ok(ServerCertVerified::assertion()),
                }
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
        let algorithms = &self.provider.signature_verification_algorithms;
        if let Some(first) = version_1(certificate) {
            return first.check_handshake(message, signed, algorithms).map(|()| HandshakeSignatureValid::assertion());
        }
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        if let Some(first) = version_1(certificate) {
            return verify_tls13_signature_with_raw_key(message, &first.public_key(), signed, algorithms);
        }
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
