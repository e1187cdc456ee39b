//! Formats of strftime() as formats of PostgreSQL's to_char() (PostgreSQL documentation, section 9.8).

/// Fields of a format, in the order in which they are shown, and an example of the text that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StrftimeFormat {
    parts: Vec<FormatPart>,
    /// Its facts, as often as it shows each.
    facts: Vec<Shown>,
    /// Text for the first moment of the year 2000.
    sample: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum FormatPart {
    /// A format of to_char().
    Pattern(String),
    /// A field that to_char() has not: an expression in which `$` stands for the moment.
    Computed(&'static str),
}

/// Fact of a moment that a format may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Year,
    Month,
    Day,
    /// The hour of 24 in two digits.
    Hour,
    /// An hour in another form: of 12, or with a space in front.
    OtherHour,
    Minute,
    Second,
    Milliseconds,
    /// Seconds since 1970.
    Counted,
}

/// A whole date, and a time to the second.
const DATE: [Shown; 3] = [Shown::Year, Shown::Month, Shown::Day];
const CLOCK: [Shown; 3] = [Shown::Hour, Shown::Minute, Shown::Second];

impl StrftimeFormat {
    /// The format of date().
    pub(super) fn date() -> Self {
        Self::of("YYYY-MM-DD", "2000-01-01", &DATE)
    }

    /// The format of time(), with milliseconds after the modifier 'subsec'.
    pub(super) fn time(has_fraction: bool) -> Self {
        let mut time = Self::of("HH24:MI:SS", "00:00:00", &CLOCK);
        if has_fraction {
            time.show(".MS", ".000", &[Shown::Milliseconds]);
        }
        time
    }

    fn of(pattern: &str, sample: &str, facts: &[Shown]) -> Self {
        let mut format = Self { parts: Vec::new(), facts: Vec::new(), sample: String::new() };
        format.show(pattern, sample, facts);
        format
    }

    /// The format of datetime(), with milliseconds after the modifier 'subsec'.
    pub(super) fn date_and_time(has_fraction: bool) -> Self {
        let (mut whole, time) = (Self::date(), Self::time(has_fraction));
        whole.show(" ", " ", &[]);
        for part in time.parts {
            if let FormatPart::Pattern(pattern) = part {
                whole.show(&pattern, &time.sample, &time.facts);
            }
        }
        whole
    }

    /// A format of strftime(); `None` if it has a field that is not known to look the same.
    pub(super) fn read(format: &str) -> Option<Self> {
        let mut read = Self { parts: Vec::new(), facts: Vec::new(), sample: String::new() };
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => read.field(characters.next()?)?,
                // Quotes and backslashes would end or escape.
                '\'' | '"' | '\\' => return None,
                // Letters would be patterns.
                letter if letter.is_alphabetic() => read.show(&format!("\"{letter}\""), &letter.to_string(), &[]),
                other => read.show(&other.to_string(), &other.to_string(), &[]),
            }
        }
        Some(read)
    }

    fn field(&mut self, field: char) -> Option<()> {
        if let Some((expression, sample, facts)) = computed(field) {
            self.parts.push(FormatPart::Computed(expression));
            self.sample.push_str(sample);
            self.facts.extend_from_slice(facts);
            return Some(());
        }
        let (pattern, sample, facts): (_, _, &[Shown]) = match field {
            'Y' => ("YYYY", "2000", &[Shown::Year]),
            'm' => ("MM", "01", &[Shown::Month]),
            'd' => ("DD", "01", &[Shown::Day]),
            'H' => ("HH24", "00", &[Shown::Hour]),
            'I' => ("HH12", "12", &[Shown::OtherHour]),
            'M' => ("MI", "00", &[Shown::Minute]),
            'S' => ("SS", "00", &[Shown::Second]),
            'f' => ("SS.MS", "00.000", &[Shown::Second, Shown::Milliseconds]),
            'p' => ("AM", "AM", &[]),
            'P' => ("am", "am", &[]),
            // The day of a year, and a year of weeks, are no parts of a date.
            'j' => ("DDD", "001", &[]),
            'u' => ("ID", "6", &[]),
            'V' => ("IW", "52", &[]),
            'G' => ("IYYY", "1999", &[]),
            'g' => ("IY", "99", &[]),
            'F' => ("YYYY-MM-DD", "2000-01-01", &DATE),
            'T' => ("HH24:MI:SS", "00:00:00", &CLOCK),
            'R' => ("HH24:MI", "00:00", &[Shown::Hour, Shown::Minute]),
            '%' => ("%", "%", &[]),
            _ => return None,
        };
        self.show(pattern, sample, facts);
        Some(())
    }

    fn show(&mut self, pattern: &str, sample: &str, facts: &[Shown]) {
        self.facts.extend_from_slice(facts);
        match self.parts.last_mut() {
            Some(FormatPart::Pattern(before)) => before.push_str(pattern),
            _ => self.parts.push(FormatPart::Pattern(pattern.to_owned())),
        }
        self.sample.push_str(sample);
    }

    /// The text for a moment, a timestamp of PostgreSQL in SQL. It needs no parentheses.
    pub(super) fn shown(&self, moment: &str) -> String {
        let written = |part: &FormatPart| match part {
            FormatPart::Pattern(pattern) => format!("to_char({moment}, '{pattern}')"),
            FormatPart::Computed(expression) => expression.replace('$', moment),
        };
        match self.parts.as_slice() {
            [] => "''".to_owned(),
            [part] => written(part),
            parts => format!("({})", parts.iter().map(written).collect::<Vec<_>>().join(" || ")),
        }
    }

    /// Text for the first moment of the year 2000.
    pub(super) fn sample(&self) -> &str {
        &self.sample
    }

    /// How often it shows the seconds since 1970.
    pub(super) fn seconds(&self) -> usize {
        self.facts.iter().filter(|fact| **fact == Shown::Counted).count()
    }

    fn has(&self, facts: &[Shown]) -> bool {
        facts.iter().all(|fact| self.facts.contains(fact))
    }

    /// Whether it shows the whole date.
    pub(super) fn has_date(&self) -> bool {
        self.has(&DATE)
    }

    /// Whether it shows the time of day to the second.
    pub(super) fn has_time(&self) -> bool {
        self.has(&CLOCK)
    }

    /// Whether it shows hours, minutes or seconds.
    pub(super) fn shows_clock(&self) -> bool {
        let of_clock = [Shown::Hour, Shown::OtherHour, Shown::Minute, Shown::Second];
        of_clock.iter().any(|fact| self.facts.contains(fact))
    }

    /// Whether it shows milliseconds.
    pub(super) fn has_fraction(&self) -> bool {
        self.has(&[Shown::Milliseconds])
    }

    /// Whether it is marked as UTC.
    pub(super) fn says_offset(&self) -> bool {
        self.sample.ends_with('Z') || self.sample.ends_with("+00:00")
    }
}

/// A field that `to_char()` has not, with `$` for the moment, its text for the first moment of the year 2000, and its facts.
fn computed(field: char) -> Option<(&'static str, &'static str, &'static [Shown])> {
    Some(match field {
        'e' => ("lpad(to_char($, 'FMDD'), 2)", " 1", &[]),
        'k' => ("lpad(to_char($, 'FMHH24'), 2)", " 0", &[Shown::OtherHour]),
        'l' => ("lpad(to_char($, 'FMHH12'), 2)", "12", &[Shown::OtherHour]),
        's' => ("floor(extract(epoch FROM $))::bigint::text", "946684800", &[Shown::Counted]),
        'w' => ("extract(dow FROM $)::int::text", "6", &[]),
        // The weeks begin on Sundays, and on Mondays.
        'U' => ("lpad(((extract(doy FROM $)::int + 6 - extract(dow FROM $)::int) / 7)::text, 2, '0')", "00", &[]),
        'W' => ("lpad(((extract(doy FROM $)::int + 7 - extract(isodow FROM $)::int) / 7)::text, 2, '0')", "00", &[]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_shows_a_date_by_its_fields_and_not_by_their_letters() {
        let read = |format| StrftimeFormat::read(format).unwrap();
        for (format, has_date, has_time, shows_clock, has_fraction) in [
            ("%Y-%m-%d", true, false, false, false),
            ("%F %T", true, true, true, false),
            ("%Y-%m-%dT%H:%M:%fZ", true, true, true, true),
            // A year of weeks, and the day of a year.
            ("%G-%m-%d", false, false, false, false),
            ("%Y-%m-%j", false, false, false, false),
            // MM and SS, and no MS.
            ("%m%S", false, false, true, false),
            ("%k:%M:%S", false, false, true, false),
            ("%l", false, false, true, false),
            ("%s", false, false, false, false),
        ] {
            let read = read(format);
            let found = (read.has_date(), read.has_time(), read.shows_clock(), read.has_fraction());
            assert_eq!(found, (has_date, has_time, shows_clock, has_fraction), "{format}");
        }
        assert_eq!((read("%s.%s").seconds(), read("%S").seconds()), (2, 0));
        assert_eq!(read("%F %T"), StrftimeFormat::date_and_time(false));
    }
}
