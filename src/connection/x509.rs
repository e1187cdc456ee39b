//! Parts of certificates that rustls does not read and OpenSSL does: the name of a subject, and certificates of version 1,
//! as `openssl x509 -req` makes them without extensions (RFC 5280, section 4.1).
//!
//! A certificate of version 1 has no extensions, so it can only stand at the end of a chain; here it has to be signed by a
//! trusted certificate itself.

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const BOOLEAN: u8 = 0x01;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// The identifiers of a common name and of the extension with alternative names.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: [u8; 3] = [0x55, 0x1d, 0x11];
/// Alternative names of hosts: a name, and an address.
const HOST_NAMES: [u8; 2] = [0x82, 0x87];

/// The rest of an encoding, element by element.
#[derive(Debug, Clone, Copy)]
struct DerReader<'a>(&'a [u8]);

/// An element.
#[derive(Debug, Clone, Copy)]
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    /// The element with tag and length.
    whole: &'a [u8],
}

impl<'a> DerReader<'a> {
    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, first) = (*self.0.first()?, *self.0.get(1)?);
        let (length, head) = match first {
            0..=0x7f => (usize::from(first), 2),
            0x81..=0x83 => {
                let count = usize::from(first & 0x7f);
                let bytes = self.0.get(2..2 + count)?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + count)
            }
            _ => return None,
        };
        let whole = self.0.get(..head + length)?;
        self.0 = self.0.get(head + length..)?;
        Some(Element { tag, content: whole.get(head..)?, whole })
    }

    fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.next() } else { None }
    }
}

/// A certificate, in parts.
#[derive(Debug)]
pub(super) struct Certificate<'a> {
    is_version_1: bool,
    signed: &'a [u8],
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
    issuer: &'a [u8],
    /// The times between which it is valid, in seconds since 1970.
    valid: (u64, u64),
    subject: &'a [u8],
    public_key: Element<'a>,
    extensions: Option<&'a [u8]>,
}

impl<'a> Certificate<'a> {
    /// Takes a certificate apart; `None` if it is not well formed.
    pub(super) fn read(der: &'a CertificateDer<'_>) -> Option<Self> {
        let mut outer = DerReader(DerReader(der).expect(SEQUENCE)?.content);
        let to_be_signed = outer.expect(SEQUENCE)?;
        let signature_algorithm = outer.expect(SEQUENCE)?.content;
        let signature = bits(outer.expect(BIT_STRING)?)?;
        let mut inner = DerReader(to_be_signed.content);
        let version = inner.optional(VERSION);
        inner.expect(INTEGER)?;
        let inner_algorithm = inner.expect(SEQUENCE)?.content;
        let issuer = inner.expect(SEQUENCE)?.content;
        let mut validity = DerReader(inner.expect(SEQUENCE)?.content);
        let valid = (time(validity.next()?)?, time(validity.next()?)?);
        let subject = inner.expect(SEQUENCE)?.content;
        let public_key = inner.expect(SEQUENCE)?;
        let mut extensions = None;
        while let Some(element) = inner.next() {
            if element.tag == EXTENSIONS {
                extensions = Some(element.content);
            }
        }
        (inner_algorithm == signature_algorithm && inner.0.is_empty()).then_some(Self {
            is_version_1: version.is_none() && extensions.is_none(),
            signed: to_be_signed.whole,
            signature_algorithm,
            signature,
            issuer,
            valid,
            subject,
            public_key,
            extensions,
        })
    }

    /// Whether it has the first version's form.
    pub(super) fn is_version_1(&self) -> bool {
        self.is_version_1
    }

    /// Whether its common name is this host, by the rule of libpq (`pq_verify_peer_name_matches_certificate_name`). It
    /// counts only where the certificate has no alternative name of a host.
    pub(super) fn is_named(&self, host: &str) -> bool {
        if self.has_alternative_host() {
            return false;
        }
        let Some(name) = self.common_name() else { return false };
        match name.strip_prefix('*') {
            Some(rest) if rest.starts_with('.') && host.parse::<std::net::IpAddr>().is_err() => {
                let at = host.find('.').filter(|at| *at > 0);
                at.is_some_and(|at| host.get(at..).is_some_and(|domain| domain.eq_ignore_ascii_case(rest)))
            }
            _ => name.eq_ignore_ascii_case(host),
        }
    }

    fn common_name(&self) -> Option<&'a str> {
        let mut names = DerReader(self.subject);
        while let Some(set) = names.expect(SET) {
            let mut attributes = DerReader(set.content);
            while let Some(attribute) = attributes.expect(SEQUENCE) {
                let mut attribute = DerReader(attribute.content);
                if attribute.expect(OBJECT)?.content == COMMON_NAME {
                    // The kinds of strings whose bytes are ASCII or UTF-8. A zero byte would end the name elsewhere.
                    let name = attribute.next().filter(|name| matches!(name.tag, 0x0c | 0x13 | 0x14 | 0x16))?;
                    let name = std::str::from_utf8(name.content).ok()?;
                    return Some(name).filter(|name| !name.contains('\0'));
                }
            }
        }
        None
    }

    /// Whether an extension names hosts, or cannot be read.
    fn has_alternative_host(&self) -> bool {
        let Some(extensions) = self.extensions else { return false };
        let Some(list) = DerReader(extensions).expect(SEQUENCE) else { return true };
        let mut list = DerReader(list.content);
        while let Some(extension) = list.next() {
            let mut extension = DerReader(extension.content);
            if extension.expect(OBJECT).is_none_or(|id| id.content != ALTERNATIVE_NAMES) {
                continue;
            }
            extension.optional(BOOLEAN);
            let value = extension.expect(OCTET_STRING);
            let Some(names) = value.and_then(|value| DerReader(value.content).expect(SEQUENCE)) else { return true };
            let mut names = DerReader(names.content);
            while let Some(name) = names.next() {
                if HOST_NAMES.contains(&name.tag) {
                    return true;
                }
            }
            return !names.0.is_empty();
        }
        !list.0.is_empty()
    }

    /// Whether one of these certificates has signed it, and both are valid at this time.
    pub(super) fn check_signed_by(
        &self,
        trusted: &[CertificateDer<'_>],
        algorithms: &WebPkiSupportedAlgorithms,
        now: UnixTime,
    ) -> Result<(), Error> {
        let issuers = trusted.iter().filter_map(Certificate::read).filter(|one| one.subject == self.issuer);
        let mut refusal = CertificateError::UnknownIssuer;
        for issuer in issuers {
            let by = |algorithm: &&&'static dyn SignatureVerificationAlgorithm| {
                algorithm.signature_alg_id().as_ref() == self.signature_algorithm
            };
            let is_signed = algorithms
                .all
                .iter()
                .filter(by)
                .any(|algorithm| issuer.verifies(*algorithm, self.signed, self.signature));
            refusal = match is_signed {
                false => CertificateError::BadSignature,
                true if ![self, &issuer].iter().all(|one| one.valid.0 <= now.as_secs()) => {
                    CertificateError::NotValidYet
                }
                true if ![self, &issuer].iter().all(|one| now.as_secs() <= one.valid.1) => CertificateError::Expired,
                true => return Ok(()),
            };
        }
        Err(refusal.into())
    }

    fn verifies(&self, algorithm: &dyn SignatureVerificationAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        let mut key = DerReader(self.public_key.content);
        let (Some(of), Some(key)) = (key.expect(SEQUENCE), key.expect(BIT_STRING).and_then(bits)) else { return false };
        algorithm.public_key_alg_id().as_ref() == of.content
            && algorithm.verify_signature(key, message, signature).is_ok()
    }

    /// Checks a signature of the handshake of TLS 1.2 by its key.
    pub(super) fn check_handshake(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), Error> {
        let of_scheme = algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let mut algorithms = of_scheme.flat_map(|(_, algorithms)| algorithms.iter());
        if algorithms.any(|algorithm| self.verifies(*algorithm, message, signed.signature())) {
            return Ok(());
        }
        Err(CertificateError::BadSignature.into())
    }

    /// Its public key.
    pub(super) fn public_key(&self) -> SubjectPublicKeyInfoDer<'a> {
        SubjectPublicKeyInfoDer::from(self.public_key.whole)
    }
}

/// The bytes of a string of whole bytes.
fn bits(element: Element<'_>) -> Option<&[u8]> {
    match element.content {
        [0, bytes @ ..] => Some(bytes),
        _ => None,
    }
}

/// A time in seconds since 1970; `None` before that year.
fn time(element: Element<'_>) -> Option<u64> {
    let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, rest) = match element.tag {
        UTC_TIME if is_digits && text.len() == 12 => {
            let year = text[..2].parse::<i16>().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, &text[2..])
        }
        GENERALIZED_TIME if is_digits && text.len() == 14 => (text[..4].parse().ok()?, &text[4..]),
        _ => return None,
    };
    let part = |at: usize| rest[at..at + 2].parse::<i8>().ok();
    let moment = jiff::civil::DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    u64::try_from(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second()).ok()
}
