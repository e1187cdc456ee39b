//! Addresses of hosts and networks, as PostgreSQL's `inet` holds them.

use crate::value::BadValue;
use std::net::IpAddr;

const INET: &str = "an address";

/// An IPv4 or IPv6 address, with the length of its network behind a `/` or without.
///
/// # Errors
/// When the text is neither.
pub fn inet_from_text(text: &[u8]) -> Result<(IpAddr, u8), BadValue> {
    let syntax = BadValue::Syntax { wanted: INET };
    let text = std::str::from_utf8(text).map_err(|_| syntax)?;
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| syntax)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    match length {
        None => Ok((address, longest)),
        // PostgreSQL takes digits alone.
        Some(length) if length.bytes().all(|digit| digit.is_ascii_digit()) => match length.parse() {
            Ok(length) if length <= longest => Ok((address, length)),
            _ => Err(syntax),
        },
        Some(_) => Err(syntax),
    }
}

/// PostgreSQL's binary form (`inet_send`): family, bits of the network, not a `cidr`, bytes of the address.
pub fn write_inet((address, length): (IpAddr, u8), out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(address) => {
            out.extend_from_slice(&[2, length, 0, 4]);
            out.extend_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.extend_from_slice(&[3, length, 0, 16]);
            out.extend_from_slice(&address.octets());
        }
    }
}

/// The binary form as PostgreSQL prints it; nothing for other bytes.
#[must_use]
pub fn inet_text(field: &[u8]) -> Option<String> {
    let (address, length, longest) = match field {
        [2, length, 0, 4, octets @ ..] => (IpAddr::from(<[u8; 4]>::try_from(octets).ok()?), *length, 32),
        [3, length, 0, 16, octets @ ..] => (IpAddr::from(<[u8; 16]>::try_from(octets).ok()?), *length, 128),
        _ => return None,
    };
    Some(if length == longest { address.to_string() } else { format!("{address}/{length}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_their_binary_form() {
        for text in ["127.0.0.1", "10.1.2.0/24", "::1", "2001:db8::ff00:42:8329", "fe80::/10"] {
            let mut out = Vec::new();
            write_inet(inet_from_text(text.as_bytes()).unwrap(), &mut out);
            assert_eq!(inet_text(&out).as_deref(), Some(text));
        }
        for text in ["", "127.0.0", "127.0.0.1/33", "127.0.0.1/+8", "::1/", " 127.0.0.1", "01.2.3.4"] {
            assert!(inet_from_text(text.as_bytes()).is_err(), "{text}");
        }
    }
}
