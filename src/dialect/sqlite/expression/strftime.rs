//! Formats of strftime() as formats of PostgreSQL's to_char() (PostgreSQL documentation, section 9.8).

/// Fields of a format, in the order in which they are shown, and an example of the text that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    parts: Vec<Part>,
    /// Text for the first moment of the year 2000.
    sample: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A format of to_char().
    Pattern(String),
    /// A field that to_char() has not: an expression in which `$` stands for the moment.
    Computed(&'static str),
}

/// Patterns of a whole date, and of a time to the second.
const DATE: [&str; 3] = ["YYYY", "MM", "DD"];
const CLOCK: [&str; 3] = ["HH24", "MI", "SS"];

impl Format {
    /// The format of date().
    pub(super) fn date() -> Self {
        Self { parts: vec![Part::Pattern("YYYY-MM-DD".to_owned())], sample: "2000-01-01".to_owned() }
    }

    /// The format of time(), with milliseconds after the modifier 'subsec'.
    pub(super) fn time(has_fraction: bool) -> Self {
        let (pattern, sample) =
            if has_fraction { ("HH24:MI:SS.MS", "00:00:00.000") } else { ("HH24:MI:SS", "00:00:00") };
        Self { parts: vec![Part::Pattern(pattern.to_owned())], sample: sample.to_owned() }
    }

    /// The format of datetime(), with milliseconds after the modifier 'subsec'.
    pub(super) fn date_and_time(has_fraction: bool) -> Self {
        let (mut whole, time) = (Self::date(), Self::time(has_fraction));
        whole.show(" ", " ");
        for part in time.parts {
            if let Part::Pattern(pattern) = part {
                whole.show(&pattern, &time.sample);
            }
        }
        whole
    }

    /// A format of strftime(); `None` if it has a field that is not known to look the same.
    pub(super) fn read(format: &str) -> Option<Self> {
        let mut read = Self { parts: Vec::new(), sample: String::new() };
        let mut characters = format.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => read.field(characters.next()?)?,
                // Quotes and backslashes would end or escape.
                '\'' | '"' | '\\' => return None,
                // Letters would be patterns.
                letter if letter.is_alphabetic() => read.show(&format!("\"{letter}\""), &letter.to_string()),
                other => read.show(&other.to_string(), &other.to_string()),
            }
        }
        Some(read)
    }

    fn field(&mut self, field: char) -> Option<()> {
        if let Some((expression, sample)) = computed(field) {
            self.parts.push(Part::Computed(expression));
            self.sample.push_str(sample);
            return Some(());
        }
        let (pattern, sample) = match field {
            'Y' => ("YYYY", "2000"),
            'm' => ("MM", "01"),
            'd' => ("DD", "01"),
            'H' => ("HH24", "00"),
            'I' => ("HH12", "12"),
            'M' => ("MI", "00"),
            'S' => ("SS", "00"),
            'f' => ("SS.MS", "00.000"),
            'p' => ("AM", "AM"),
            'P' => ("am", "am"),
            'j' => ("DDD", "001"),
            'u' => ("ID", "6"),
            'V' => ("IW", "52"),
            'G' => ("IYYY", "1999"),
            'g' => ("IY", "99"),
            'F' => ("YYYY-MM-DD", "2000-01-01"),
            'T' => ("HH24:MI:SS", "00:00:00"),
            'R' => ("HH24:MI", "00:00"),
            '%' => ("%", "%"),
            _ => return None,
        };
        self.show(pattern, sample);
        Some(())
    }

    fn show(&mut self, pattern: &str, sample: &str) {
        match self.parts.last_mut() {
            Some(Part::Pattern(before)) => before.push_str(pattern),
            _ => self.parts.push(Part::Pattern(pattern.to_owned())),
        }
        self.sample.push_str(sample);
    }

    /// The text for a moment, a timestamp of PostgreSQL in SQL. It needs no parentheses.
    pub(super) fn shown(&self, moment: &str) -> String {
        let written = |part: &Part| match part {
            Part::Pattern(pattern) => format!("to_char({moment}, '{pattern}')"),
            Part::Computed(expression) => expression.replace('$', moment),
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
        let counts = |part: &&Part| matches!(part, Part::Computed(expression) if expression.contains("epoch"));
        self.parts.iter().filter(counts).count()
    }

    fn has(&self, fields: &[&str]) -> bool {
        fields.iter().all(|field| {
            self.parts.iter().any(|part| matches!(part, Part::Pattern(pattern) if pattern.contains(field)))
        })
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
        ["HH", "MI", "SS"].iter().any(|field| self.has(&[field]))
            || self.parts.iter().any(|part| matches!(part, Part::Computed(expression) if expression.contains("FMHH")))
    }

    /// Whether it shows milliseconds.
    pub(super) fn has_fraction(&self) -> bool {
        self.has(&["MS"])
    }

    /// Whether it is marked as UTC.
    pub(super) fn says_offset(&self) -> bool {
        self.sample.ends_with('Z') || self.sample.ends_with("+00:00")
    }
}

/// A field that `to_char()` has not, with `$` for the moment, and its text for the first moment of the year 2000.
fn computed(field: char) -> Option<(&'static str, &'static str)> {
    Some(match field {
        'e' => ("lpad(to_char($, 'FMDD'), 2)", " 1"),
        'k' => ("lpad(to_char($, 'FMHH24'), 2)", " 0"),
        'l' => ("lpad(to_char($, 'FMHH12'), 2)", "12"),
        's' => ("floor(extract(epoch FROM $))::bigint::text", "946684800"),
        'w' => ("extract(dow FROM $)::int::text", "6"),
        // The weeks begin on Sundays, and on Mondays.
        'U' => ("lpad(((extract(doy FROM $)::int + 6 - extract(dow FROM $)::int) / 7)::text, 2, '0')", "00"),
        'W' => ("lpad(((extract(doy FROM $)::int + 7 - extract(isodow FROM $)::int) / 7)::text, 2, '0')", "00"),
        _ => return None,
    })
}
