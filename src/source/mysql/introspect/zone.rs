//! The time zone of the server's clock, in which applications' sessions write the present time.

use super::word;
use crate::catalog::ServerZone;
use crate::source::mysql::client::ClientError;
use crate::source::mysql::columns::integer;
use crate::source::mysql::snapshot::Reader;

/// Name of the zone in which the server's operating system is.
const SYSTEM: &str = "SYSTEM";

impl Reader {
    /// The zone with which new sessions begin; `None` for UTC.
    ///
    /// The operating system's zone comes as an abbreviation alone, such as CET, which several zones have: with the offsets in
    /// winter and summer it is named only where they are the same.
    pub(super) fn server_zone(&self) -> Result<Option<ServerZone>, ClientError> {
        let offset = |month: &str| {
            let noon = format!("'2025-{month}-15 12:00:00'");
            format!("timestampdiff(MINUTE, convert_tz({noon}, @@GLOBAL.time_zone, '+00:00'), {noon})")
        };
        let (winter, summer) = (offset("01"), offset("07"));
        let rows = self
            .client()
            .query(&format!("SELECT @@GLOBAL.time_zone, @@GLOBAL.system_time_zone, {winter}, {summer}"))?;
        let Some(row) = rows.first() else { return Ok(None) };
        let texts = (0..2).map(|at| super::text(row, at)).collect();
        let (zone, system) = (word(&texts, 0), word(&texts, 1));
        Ok(zone_of(&zone, &system, integer(row, 2).zip(integer(row, 3))))
    }
}

fn zone_of(zone: &str, system: &str, minutes: Option<(i64, i64)>) -> Option<ServerZone> {
    let is_system = zone.eq_ignore_ascii_case(SYSTEM);
    let words = match (is_system, minutes) {
        (true, Some((winter, summer))) => {
            format!("{SYSTEM} ({system}; {} in January, {} in July)", offset(winter), offset(summer))
        }
        (true, None) => format!("{SYSTEM} ({system})"),
        (false, _) => zone.to_owned(),
    };
    let name = match minutes {
        Some((0, 0)) => return None,
        Some((winter, summer)) if is_system => (winter == summer).then(|| offset(winter)),
        _ if is_system => None,
        _ => Some(zone.to_owned()),
    };
    Some(ServerZone { name, words })
}

/// An offset in minutes, as a spec writes it.
fn offset(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_a_name_where_the_server_says_enough() {
        let name = |zone, system, minutes| zone_of(zone, system, minutes).map(|zone| zone.name);
        assert_eq!(name("SYSTEM", "UTC", Some((0, 0))), None);
        assert_eq!(name("Africa/Abidjan", "CET", Some((0, 0))), None);
        assert_eq!(name("Europe/Berlin", "UTC", Some((60, 120))), Some(Some("Europe/Berlin".to_owned())));
        assert_eq!(name("-03:30", "UTC", Some((-210, -210))), Some(Some("-03:30".to_owned())));
        assert_eq!(name("SYSTEM", "JST", Some((540, 540))), Some(Some("+09:00".to_owned())));
        assert_eq!(name("SYSTEM", "GMT", Some((0, 60))), Some(None));
        assert_eq!(name("SYSTEM", "CEST", Some((60, 120))), Some(None));
    }
}
