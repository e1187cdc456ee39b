//! How a connection is protected.

use super::super::suggest::hint_of_known;
use super::parts::UrlError;

/// How the connection to the server is protected, in libpq's words.
/// Source: PostgreSQL documentation, section 34.19.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS where the server offers it; its certificate is not looked at.
    #[default]
    Prefer,
    /// TLS; the certificate is not looked at.
    Require,
    /// TLS with a certificate of a known authority.
    VerifyCa,
    /// TLS with a certificate of a known authority for this host.
    VerifyFull,
}

impl TlsMode {
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
        // libpq's `allow` first tries without TLS; what it promises is what `prefer` promises.
        let word = if word == "allow" { "prefer" } else { word };
        let words = TlsMode::ALL.map(|(word, _)| word);
        TlsMode::ALL.iter().find(|(known, _)| *known == word).map(|(_, mode)| *mode).ok_or_else(|| {
            UrlError::new("`sslmode` has a value that is not known").hint(hint_of_known(word, &words, "it is one of"))
        })
    }
}
