//! Addresses of hosts and networks, as PostgreSQL's `inet` holds them.

use crate::value::BadValue;
use std::net::IpAddr;

const INET: &str = "an address";

/// An IPv4 or IPv6 address, with the length of its network behind a `/` or without.
///
/// # Errors
/// The text is neither.
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
        // PostgreSQL accepts digits only.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_their_binary_form() {
        for (text, head, last) in [
            ("127.0.0.1", [2, 32, 0, 4], 1),
            ("10.1.2.0/24", [2, 24, 0, 4], 0),
            ("::1", [3, 128, 0, 16], 1),
            ("fe80::/10", [3, 10, 0, 16], 0),
        ] {
            let mut out = Vec::new();
            write_inet(inet_from_text(text.as_bytes()).unwrap(), &mut out);
            assert_eq!(
                (&out[..4], out.len(), out.last()),
                (&head[..], 4 + usize::from(head[3]), Some(&last)),
                "{text}"
            );
        }
        for text in ["", "127.0.0", "127.0.0.1/33", "127.0.0.1/+8", "::1/", " 127.0.0.1", "01.2.3.4"] {
            assert!(inet_from_text(text.as_bytes()).is_err(), "{text}");
        }
    }
}
