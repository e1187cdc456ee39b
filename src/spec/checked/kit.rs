//! Checks `[kit]`.

use super::Checker;
use super::strings::ExpandedString;
use crate::spec::kit::{KitBackup, KitPool, KitSpec, Platform};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawKit, RawKitBackup, RawKitPool};
use crate::spec::read::{Scalar, Text};
use std::net::IpAddr;
use toml::Spanned;

/// The oldest PostgreSQL that transship migrates to.
const OLDEST: u32 = 13;

/// The longest name of a namespace. Source: Kubernetes documentation, "Object Names and IDs", RFC 1123 label names.
const LONGEST_LABEL: usize = 63;

impl Checker<'_> {
    /// `[kit]`; a value that is wrong has been reported.
    pub(super) fn kit(&self, raw: Option<&RawKit>) -> KitSpec {
        let usual = KitSpec::default();
        let Some(raw) = raw else { return usual };
        let image = |key: &str, text: &Option<Text>| self.kit_value(key, text.as_ref(), is_image, IMAGE);
        let size = |key: &str, text: &Option<Text>, otherwise: u64| {
            let read = text.as_ref().and_then(|text| self.read_kit(key, self.plain(text)?, mebibytes, SIZE));
            read.unwrap_or(otherwise)
        };
        KitSpec {
            postgresql: self.kit_version(raw.postgresql.as_ref()).unwrap_or(usual.postgresql),
            postgresql_image: image("postgresql_image", &raw.postgresql_image),
            image: image("image", &raw.image),
            platforms: self.platforms(raw.platforms.as_ref()).unwrap_or(usual.platforms),
            namespace: self.kit_value("namespace", raw.namespace.as_ref(), is_label, LABEL),
            memory: size("memory", &raw.memory, usual.memory),
            cores: self.count("cores", raw.cores.as_ref(), 1, usual.cores),
            storage: size("storage", &raw.storage, usual.storage),
            trusted: self.trusted(raw.trusted.as_ref()),
            pool: raw.pool.as_ref().map_or(usual.pool, |pool| self.kit_pool(pool)),
            backup: raw.backup.as_ref().map_or(usual.backup, |backup| self.kit_backup(backup)),
        }
    }

    fn kit_pool(&self, raw: &RawKitPool) -> KitPool {
        let usual = KitPool::default();
        KitPool {
            size: self.count("size", raw.size.as_ref(), 1, usual.size),
            overflow: self.count("overflow", raw.overflow.as_ref(), 0, usual.overflow),
            timeout: self.count("timeout", raw.timeout.as_ref(), 1, usual.timeout),
            recycle: self.count("recycle", raw.recycle.as_ref(), 1, usual.recycle),
            connect_timeout: self.count("connect_timeout", raw.connect_timeout.as_ref(), 1, usual.connect_timeout),
            statement_timeout: self.count(
                "statement_timeout",
                raw.statement_timeout.as_ref(),
                0,
                usual.statement_timeout,
            ),
        }
    }

    fn kit_backup(&self, raw: &RawKitBackup) -> KitBackup {
        let usual = KitBackup::default();
        let schedule = raw.schedule.as_ref();
        let time = schedule.and_then(|text| self.read_kit("schedule", self.plain(text)?, time_of_day, TIME));
        let (hour, minute) = time.unwrap_or((usual.hour, usual.minute));
        KitBackup { hour, minute, keep: self.count("keep", raw.keep.as_ref(), 1, usual.keep) }
    }

    /// The tag of PostgreSQL's image, in quotes or as a number.
    fn kit_version(&self, raw: Option<&Spanned<Scalar>>) -> Option<String> {
        let raw = raw?;
        let tag = match raw.get_ref() {
            Scalar::Text(text) => self.plain(&Spanned::new(raw.span(), text.clone()))?.text,
            Scalar::Integer(number) | Scalar::Float(number) => number.clone(),
            Scalar::Boolean(boolean) => boolean.to_string(),
        };
        let major =
            tag.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major >= OLDEST) && is_tag(&tag) {
            return Some(tag);
        }
        let message = format!("`postgresql` is no version of PostgreSQL from {OLDEST} on");
        let problem = Problem::new(code::BAD_VALUE, raw.span(), message).label("not a version");
        self.report(problem.hint("write the tag of its image, such as postgresql = \"16\" or \"16.4-bookworm\""))
    }

    fn platforms(&self, raw: Option<&Spanned<Vec<Text>>>) -> Option<Vec<Platform>> {
        let raw = raw?;
        let mut platforms = Vec::new();
        for text in raw.get_ref() {
            let platform = self.plain(text).and_then(|value| self.word("platforms", &value, &Platform::ALL));
            platforms.extend(platform.filter(|platform| !platforms.contains(platform)));
        }
        Some(platforms)
    }

    fn trusted(&self, raw: Option<&Spanned<Vec<Text>>>) -> Vec<String> {
        let texts = raw.map(|raw| raw.get_ref().as_slice()).unwrap_or_default();
        texts.iter().filter_map(|text| self.read_kit("trusted", self.plain(text)?, network, NETWORK)).collect()
    }

    /// A text of a form.
    fn kit_value(&self, key: &str, text: Option<&Text>, is_right: fn(&str) -> bool, form: &str) -> Option<String> {
        let value = self.plain(text?)?;
        self.read_kit(key, value, |text| is_right(text).then(|| text.to_owned()), form)
    }

    fn read_kit<T>(&self, key: &str, value: ExpandedString, read: impl Fn(&str) -> Option<T>, form: &str) -> Option<T> {
        read(&value.text).or_else(|| {
            let message = format!("`{key}` cannot be `{}`", value.shown);
            let problem = Problem::new(code::BAD_VALUE, value.span, message);
            self.report(problem.label("not understood").hint(form))
        })
    }

    /// A whole number from `least` on.
    fn count(&self, key: &str, raw: Option<&Spanned<Scalar>>, least: u64, otherwise: u64) -> u64 {
        let Some(raw) = raw else { return otherwise };
        let number = match raw.get_ref() {
            Scalar::Integer(number) => number.parse::<u64>().ok().filter(|number| (least..=1_000_000).contains(number)),
            _ => None,
        };
        number.unwrap_or_else(|| {
            let problem = Problem::new(code::BAD_VALUE, raw.span(), format!("`{key}` is no such number"));
            self.problems.report(problem.label(format!("a whole number, {least} or more")));
            otherwise
        })
    }
}

const IMAGE: &str = "write the name of an image, such as \"registry.example/team/transship:0.1\"";
const SIZE: &str = "write a size such as \"512MB\" or \"4GB\", from 256MB on";
const LABEL: &str =
    "a namespace has small letters, digits and `-`, 63 at most, and begins and ends with a letter or digit";
const TIME: &str = "write the time of the daily backup, such as schedule = \"02:30\"";
const NETWORK: &str = "write an address or a network, such as \"192.0.2.7\" or \"10.0.0.0/8\"";

/// Tag of an image. Source: OCI distribution specification, "Pulling manifests".
fn is_tag(text: &str) -> bool {
    text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_image(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphanumeric()) && text.bytes().all(is_part)
}

fn is_label(text: &str) -> bool {
    let is_end = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    text.len() <= LONGEST_LABEL
        && text.starts_with(is_end)
        && text.ends_with(is_end)
        && text.chars().all(|letter| is_end(letter) || letter == '-')
}

/// Size in MiB. `MB` and `GB` are powers of 1,024, as PostgreSQL has them.
fn mebibytes(text: &str) -> Option<u64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let unit = match text[digits..].trim() {
        "MB" | "MiB" | "Mi" => 1,
        "GB" | "GiB" | "Gi" => 1024,
        "TB" | "TiB" | "Ti" => 1024 * 1024,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(unit).filter(|size| (256..=1 << 30).contains(size))
}

fn time_of_day(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, limit: u8| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u8>().ok().filter(|number| is_number && *number < limit)
    };
    Some((number(hour, 24)?, number(minute, 60)?))
}

/// A network with the length of its prefix.
fn network(text: &str) -> Option<String> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address = address.parse::<IpAddr>().ok()?;
    let whole: u8 = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(whole), |length| length.parse::<u8>().ok().filter(|length| *length <= whole))?;
    Some(format!("{address}/{length}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(mebibytes("4GB"), Some(4096));
        assert_eq!(mebibytes("512 MB"), Some(512));
        for text in ["", "4", "GB", "-1GB", "1MB", "4gb", "99999999999999999999GB"] {
            assert_eq!(mebibytes(text), None, "{text}");
        }
        assert_eq!(time_of_day("2:05"), Some((2, 5)));
        for text in ["24:00", "2:60", "2", "+2:00", "02:30:00", "002:1"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
        assert_eq!(network("10.0.0.0/8").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(network("::1").as_deref(), Some("::1/128"));
        for text in ["10.0.0.0/33", "all", "10.0.0/8", "0.0.0.0/0 trust"] {
            assert_eq!(network(text), None, "{text}");
        }
        assert!(is_label("a-1") && !is_label("A") && !is_label("-a") && !is_label(""));
        assert!(is_image("r.example:5000/a/b:1") && !is_image("a b") && !is_image("$x"));
    }
}
