//! How a connection is protected.

use super::parts::UrlError;
use crate::name::hint_of_known;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// How the connection to the server is protected, in libpq's words.
/// Source: PostgreSQL documentation, section 34.19.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS if the server offers it; its certificate is not checked.
    #[default]
    Prefer,
    /// TLS; the certificate is checked as for `verify-ca` if there is a file of certificate authorities.
    Require,
    /// TLS with a certificate of a known authority.
    VerifyCa,
    /// TLS with a certificate of a known authority for this host.
    VerifyFull,
}

/// The certificate authorities that verify a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RootCertificates {
    /// libpq's own place, `~/.postgresql/root.crt`, if there is such a file; else those of the operating system.
    #[default]
    Usual,
    /// `sslrootcert=system`: those of the operating system.
    System,
    /// `sslrootcert`: those of a file.
    File(PathBuf),
}

/// The client's own certificate, which a server may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The file of the certificate, with those between it and the authority.
    pub certificate: PathBuf,
    /// The file of its private key.
    pub key: PathBuf,
}

impl ClientCertificate {
    /// Refuses a key that others may read, by the same rule as libpq (PostgreSQL documentation, section 34.19.2).
    ///
    /// # Errors
    /// The key cannot be looked at, or its permissions are too wide; with the file.
    pub(crate) fn check_key(&self) -> Result<(), String> {
        let shown = self.key.display();
        let key = std::fs::metadata(&self.key).map_err(|error| format!("{shown}: {error}"))?;
        if !key.is_file() {
            return Err(format!("{shown}: the private key is no plain file"));
        }
        let beyond = if key.uid() == 0 { 0o037 } else { 0o077 };
        if key.mode() & beyond != 0 {
            return Err(format!(
                "{shown}: the private key may be read by others; its permissions must be u=rw (0600) or less, or \
                 u=rw,g=r (0640) or less if it belongs to root"
            ));
        }
        Ok(())
    }
}

impl RootCertificates {
    /// The file of certificate authorities, if there is one: the named one, or that in libpq's own place.
    /// Source: PostgreSQL documentation, section 34.19.1.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::System => None,
            Self::File(path) => Some(path.clone()),
            Self::Usual => {
                let usual = std::env::home_dir()?.join(".postgresql/root.crt");
                usual.is_file().then_some(usual)
            }
        }
    }
}

impl TlsMode {
    /// The mode that these certificate authorities ask for: with a file of them `require` checks the certificate.
    /// Source: PostgreSQL documentation, section 34.19.1.
    #[must_use]
    pub fn with(self, roots: &RootCertificates) -> Self {
        if self == Self::Require && roots.file().is_some() { Self::VerifyCa } else { self }
    }

    /// Every mode with its word in spec and URL.
    pub const ALL: [(&'static str, TlsMode); 5] = [
        ("disable", TlsMode::Disable),
        ("prefer", TlsMode::Prefer),
        ("require", TlsMode::Require),
        ("verify-ca", TlsMode::VerifyCa),
        ("verify-full", TlsMode::VerifyFull),
    ];

    /// The mode of a URL's `sslmode`.
    pub(super) fn from_url(word: &str) -> Result<Self, UrlError> {
        // libpq's `allow` tries without TLS first; its guarantee is that of `prefer`.
        let word = if word == "allow" { "prefer" } else { word };
        let words = TlsMode::ALL.map(|(word, _)| word);
        TlsMode::ALL.iter().find(|(known, _)| *known == word).map(|(_, mode)| *mode).ok_or_else(|| {
            UrlError::new("`sslmode` has a value that is not known").hint(hint_of_known(word, &words, "it is one of"))
        })
    }
}
