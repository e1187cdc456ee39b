//! Values against PostgreSQL as the judge: what is sent through COPY BINARY is what PostgreSQL's own cast from text
//! gives, and what is refused, PostgreSQL refuses too or would have altered.

use crate::support::oracle::{Oracle, words};
use proptest::prelude::*;
use proptest::sample::select;
use transship::catalog::ColumnType;
use transship::target::copy::canonical;
use transship::value::forgetting::{Fraction, has_leading_zeros};
use transship::value::instant::CountedUnit;
use transship::value::{BadValue, Cell, FractionTreatment, Reading, RepeatedTime, Zone, json, temporal};

/// Few cases of many values each: a round trip to the server costs more than a value.
fn configuration() -> ProptestConfig {
    ProptestConfig { cases: 6, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() }
}

fn many<Strategy>(strategy: Strategy) -> impl proptest::strategy::Strategy<Value = Vec<Strategy::Value>>
where
    Strategy: proptest::strategy::Strategy,
{
    prop::collection::vec(strategy, 250)
}

fn date() -> impl Strategy<Value = String> {
    let year = prop_oneof![1..=9999_i32, 1900..2100_i32, select(vec![1, 4, 100, 400, 1999, 2000, 2024, 9999])];
    let usual = (year, 1..=12_i32, 1..=31_i32).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let edges = ["0001-01-01", "9999-12-31", "2000-02-29", "1900-02-29", "2023-13-01", "2023-00-10", "0000-00-00"];
    prop_oneof![9 => usual, 1 => select(edges.to_vec()).prop_map(str::to_owned)]
}

fn time() -> impl Strategy<Value = String> {
    let fraction = prop_oneof![3 => "", 3 => r"\.[0-9]{1,6}", 1 => r"\.[0-9]{6}0{1,3}", 1 => r"\.[0-9]{7,9}"];
    let seconds = (0..=59_i32, fraction).prop_map(|(second, fraction)| format!(":{second:02}{fraction}"));
    let usual = (0..=23_i32, 0..=59_i32, prop_oneof![1 => Just(String::new()), 6 => seconds])
        .prop_map(|(hour, minute, seconds)| format!("{hour:02}:{minute:02}{seconds}"));
    let edges = ["00:00:00", "23:59:59.999999", "24:00:00", "24:00:00.5", "24:00:01", "23:59:60", "12:60", "12:00:00."];
    prop_oneof![9 => usual, 2 => select(edges.to_vec()).prop_map(str::to_owned)]
}

fn offset() -> impl Strategy<Value = String> {
    let written = (select(vec!['+', '-']), 0..=15_i32, select(vec![0, 15, 30, 45, 59]), 0..3).prop_map(
        |(sign, hour, minute, form)| match form {
            0 => format!("{sign}{hour:02}"),
            1 => format!("{sign}{hour:02}{minute:02}"),
            _ => format!("{sign}{hour:02}:{minute:02}"),
        },
    );
    prop_oneof![4 => Just(String::new()), 2 => Just("Z".to_owned()), 1 => Just("+00:00".to_owned()), 3 => written]
}

fn moment() -> impl Strategy<Value = String> {
    let space = select(vec!["", "", "", " ", "\n"]);
    let time = (select(vec![" ", "T"]), time(), select(vec!["", " "]), offset())
        .prop_map(|(separator, time, space, offset)| format!("{separator}{time}{space}{offset}"));
    (space.clone(), date(), prop_oneof![1 => Just(String::new()), 6 => time], space)
        .prop_map(|(before, date, time, after)| format!("{before}{date}{time}{after}"))
}

/// PostgreSQL rounds fractions, drops offsets and times of day, turns second 60 into the next minute, and passes over a
/// decimal point without digits.
fn altered_moment(text: &str, bad: BadValue) -> bool {
    match bad {
        BadValue::FractionDigits { .. } | BadValue::ForeignOffset | BadValue::TimeOfDay => true,
        BadValue::Syntax { .. } => text.contains(":60") || text.contains("12:00:00."),
        _ => false,
    }
}

fn decimal() -> impl Strategy<Value = String> {
    let written = "[+-]?(0|[1-9][0-9]{0,59})(\\.[0-9]{0,60})?";
    let money = "-?[0-9]{1,9}\\.[0-9]{1,3}";
    let exponent = "-?[0-9]{1,20}\\.?[0-9]{0,20}[eE][+-]?[0-9]{1,2}";
    let zeros = "-?0{1,6}[0-9]{0,6}0{0,9}(\\.0{0,8}[0-9]{0,3}0{0,8})?";
    let edges = ["", ".", "-", "1e", "1.2.3", "NaN", "nan", " 12 ", "-.5", "5.", "1 2", "++1", "0e0", "-0.00"];
    prop_oneof![
        3 => written, 3 => money, 2 => exponent, 2 => zeros,
        1 => select(edges.to_vec()).prop_map(str::to_owned)
    ]
}

fn json_text() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?";
    let string = prop_oneof![
        "[a-c]{0,2}".prop_map(|text| format!("\"{text}\"")),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        r#""(\\u[0-9a-fA-F]{4}|\\ud83d\\ude0[0-9]|\\[bfnrt/"\\]|[a-z]){0,3}""#,
    ];
    let word = select(vec!["null", "true", "false"]).prop_map(str::to_owned);
    let leaf = prop_oneof![3 => number.boxed(), 3 => string.boxed(), 1 => word.boxed()];
    let space = || select(vec!["", "", " ", "\n\t"]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let elements = prop::collection::vec((space(), inner.clone()), 0..5).prop_map(|elements| {
            let elements: Vec<String> =
                elements.iter().map(|(space, value)| format!("{space}{value}{space}")).collect();
            format!("[{}]", elements.join(","))
        });
        let key = prop_oneof!["[ab]{0,2}".prop_map(|key| format!("\"{key}\"")), Just(r#""\u0061""#.to_owned())];
        let members = prop::collection::vec((key, space(), inner), 0..5).prop_map(|members| {
            let members: Vec<String> =
                members.iter().map(|(key, space, value)| format!("{space}{key}{space}:{value}")).collect();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![elements, members]
    })
}

/// JSON text, sometimes with a character taken away.
fn damaged_json_text() -> impl Strategy<Value = String> {
    (json_text(), any::<prop::sample::Index>(), 0..4).prop_map(|(mut text, place, damage)| {
        let place = place.index(text.chars().count());
        if damage == 0
            && let Some((place, _)) = text.char_indices().nth(place)
        {
            text.remove(place);
        }
        text
    })
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn timestamps(texts in many(moment())) {
        let oracle = Oracle::connect();
        for name in ["timestamptz", "timestamp", "timestamptz(3)", "timestamp(0)", "date"] {
            oracle.agree(name, &texts, altered_moment);
        }
    }

    #[test]
    fn times(texts in many((time(), offset()).prop_map(|(time, offset)| time + &offset))) {
        let oracle = Oracle::connect();
        for name in ["time", "time(2)"] {
            oracle.agree(name, &texts, altered_moment);
        }
    }

    #[test]
    fn decimals(texts in many(decimal())) {
        let oracle = Oracle::connect();
        let rounded = |text: &str, bad| {
            matches!(bad, BadValue::NumericFraction { .. } | BadValue::LeadingZeros) || text.eq_ignore_ascii_case("nan")
        };
        for name in ["numeric", "numeric(10,2)", "numeric(38,10)", "numeric(6)"] {
            oracle.agree(name, &texts, rounded);
        }
        // Since PostgreSQL 15.
        if oracle.execute("SELECT 1::numeric(3,-2)").is_ok() {
            oracle.agree("numeric(3,-2)", &texts, rounded);
            oracle.agree("numeric(3,5)", &texts, rounded);
        }
    }

    #[test]
    fn floating_point(texts in many(prop_oneof![decimal(), any::<f64>().prop_map(|number| format!("{number:e}"))])) {
        let oracle = Oracle::connect();
        let rounded = |text: &str, bad| {
            matches!(bad, BadValue::Rounding { .. } | BadValue::LeadingZeros) || text.eq_ignore_ascii_case("nan")
        };
        oracle.agree("double precision", &texts, rounded);
        oracle.agree("real", &texts, rounded);
    }

    #[test]
    fn reals(numbers in many(prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        (any::<i32>(), 0..5_i32).prop_map(|(number, scale)| f64::from(number) / 10_f64.powi(scale)),
    ])) {
        let oracle = Oracle::connect();
        let values: Vec<(Cell<'_>, String)> =
            numbers.iter().map(|number| (Cell::Real(*number), format!("{number}"))).collect();
        // A bigint is the double's exact value, a numeric its shortest decimal.
        let exact: Vec<(Cell<'_>, String)> = numbers
            .iter()
            .map(|number| (Cell::Real(*number), if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number}") }))
            .collect();
        for name in ["double precision", "numeric", "numeric(14,4)", "bigint"] {
            let values = if name == "bigint" { &exact } else { &values };
            for (outcome, (_, text)) in oracle.judge(name, Reading::Stored, values).iter().zip(values) {
                match outcome.ours {
                    Ok(ref ours) => prop_assert_eq!(Some(ours), outcome.theirs.as_ref(), "{} {}", name, text),
                    Err(BadValue::NumericFraction { .. } | BadValue::Fraction { .. }) => {}
                    Err(_) => prop_assert_eq!(&outcome.theirs, &None, "{} {}", name, text),
                }
            }
        }
    }

    #[test]
    fn whole_numbers_and_words(texts in many(prop_oneof![
        "[ ]?[+-]?[0-9]{0,20}[ ]?",
        "[a-z]{0,3}",
        select(vec!["true", "TRUE", "False", "yes", "no", "on", "off", "of", "o", "1", "0", " t "])
            .prop_map(str::to_owned),
    ])) {
        let oracle = Oracle::connect();
        for name in ["smallint", "integer", "bigint", "boolean"] {
            oracle.agree(name, &texts, |text, bad| bad == BadValue::LeadingZeros && has_leading_zeros(text.as_bytes()));
        }
    }

    #[test]
    fn identifiers(texts in many(prop_oneof![
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "[{]?[0-9a-f]{32}[}]?",
        "[{]?([0-9a-f]{4}-?){7}[0-9a-f]{4}-?[}]?",
        "[0-9a-g-]{36}",
    ])) {
        Oracle::connect().agree("uuid", &texts, |_, _| false);
    }

    #[test]
    fn characters(texts in many(prop_oneof!["[ab ]{0,7}", "\\PC{0,7}", any::<String>()])) {
        let oracle = Oracle::connect();
        // PostgreSQL's parameters cannot carry NUL at all.
        let texts: Vec<String> = texts.iter().map(|text| text.replace('\0', "")).collect();
        let mut names = vec!["text", "varchar", "varchar(5)", "char(5)"];
        if oracle.execute("CREATE EXTENSION IF NOT EXISTS citext").is_ok() {
            names.push("citext");
        }
        for name in names {
            oracle.agree(name, &texts, |_, bad| matches!(bad, BadValue::TooLong { .. } | BadValue::TrailingSpaces));
        }
    }

    #[test]
    fn bytes(blobs in many(prop::collection::vec(any::<u8>(), 0..40))) {
        let oracle = Oracle::connect();
        let written: Vec<String> = blobs.iter().map(|blob| format!("\\x{}", hex::encode(blob))).collect();
        let stored: Vec<_> = blobs.iter().zip(&written).map(|(blob, text)| (Cell::Blob(blob), text.clone())).collect();
        let hexadecimal: Vec<_> = written.iter().map(|text| (Cell::Text(text.as_bytes()), text.clone())).collect();
        for (reading, values) in [(Reading::Stored, stored), (Reading::Hex, hexadecimal)] {
            for outcome in oracle.judge("bytea", reading, &values) {
                prop_assert_eq!(outcome.ours.ok(), outcome.theirs);
            }
        }
    }

    #[test]
    fn documents(texts in many(damaged_json_text())) {
        let oracle = Oracle::connect();
        oracle.agree("json", &texts, |_, _| false);
        let forgotten = |text: &str, bad| bad == BadValue::JsonDuplicateKey && json::has_duplicate_key(text.as_bytes());
        oracle.agree("jsonb", &texts, forgotten);
    }

    #[test]
    fn canonical_documents_are_equal_where_postgresql_says_so(
        texts in many(json_text().prop_filter("jsonb", |text| json::check_binary(text.as_bytes()).is_ok()))
    ) {
        let oracle = Oracle::connect();
        // Numbering equal documents with equal numbers: PostgreSQL by its own equality, we by the canonical form.
        let equality = "SELECT (dense_rank() OVER (ORDER BY value::jsonb))::text
            FROM unnest($1::text[]) WITH ORDINALITY AS document(value, place) ORDER BY place";
        let ranks = oracle.ask(equality, &texts);
        let forms: Vec<Vec<u8>> = texts.iter().map(|text| {
            let mut form = Vec::new();
            json::canonical(text.as_bytes(), &mut form).unwrap();
            form
        }).collect();
        for (left, rank) in ranks.iter().enumerate() {
            for right in 0..left {
                let equal = forms[left] == forms[right];
                prop_assert_eq!(*rank == ranks[right], equal, "{} {}", texts[left], texts[right]);
            }
        }
    }

    #[test]
    fn local_times_of_a_zone(
        name in select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]),
        days in many((1900..2100_i32, 1..=12_i32, 1..=28_i32, 0..48_i32)),
    ) {
        let oracle = Oracle::connect();
        // PostgreSQL takes the later of two.
        let zone = Zone::from_name(name).unwrap().with_repeated(RepeatedTime::Later);
        oracle.execute(&format!("SET TimeZone = '{name}'")).unwrap();
        let texts: Vec<String> = days.iter()
            .map(|(year, month, day, half)| {
                format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:00", half / 2, half % 2 * 30)
            })
            .chain(["2024-03-31 01:59:59", "2024-10-27 02:30:00", "2024-11-03 01:30:00"].map(str::to_owned))
            .collect();
        let sql = "SELECT (value::timestamptz AT TIME ZONE 'UTC')::text FROM unnest($1::text[]) AS value";
        for (text, theirs) in texts.iter().zip(oracle.ask(sql, &texts)) {
            match temporal::timestamptz(text.as_bytes(), &zone, Fraction::exactly(6)) {
                Ok(instant) => {
                    let ours = words(&ColumnType::Timestamp(None), &instant.to_be_bytes());
                    prop_assert_eq!(Some(ours), theirs, "{} {}", name, text);
                    if let Ok(local) = zone.local(instant) {
                        prop_assert_eq!(temporal::timestamp(text.as_bytes(), &Zone::UTC, Fraction::exactly(6)), Ok(local));
                    }
                }
                Err(bad) => prop_assert_eq!(bad, BadValue::SkippedLocalTime),
            }
        }
    }

    #[test]
    fn julian_days_as_sqlite_reads_them(days in many(prop_oneof![0.0..5_373_484.4_f64, 2_440_000.0..2_470_000.0_f64])) {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        let mut statement = sqlite.prepare("SELECT strftime('%Y-%m-%d %H:%M:%f', ?1)").unwrap();
        for day in days {
            let text: String = statement.query_row([day], |row| row.get(0)).unwrap();
            // SQLite writes years before 0000 with a sign.
            if !text.starts_with('-') {
                let expected = temporal::timestamptz(text.as_bytes(), &Zone::UTC, Fraction::exactly(3));
                let read = |day, beyond| CountedUnit::JulianDays.timestamptz(Cell::Real(day), &Zone::UTC, Fraction { digits: 6, beyond });
                prop_assert_eq!(read(day, FractionTreatment::Round), expected, "{} {}", day, text);
                // A day that SQLite has computed of a millisecond is that millisecond.
                let computed = sqlite.query_row("SELECT julianday(?1)", [&text], |row| row.get::<_, f64>(0)).unwrap();
                prop_assert_eq!(read(computed, FractionTreatment::Refused), expected, "{} {}", computed, text);
            }
        }
    }

    #[test]
    fn unix_seconds_of_doubles_are_exact(microseconds in many(-4_000_000_000_000_000..4_000_000_000_000_000_i64)) {
        for microseconds in microseconds {
            #[expect(clippy::cast_precision_loss, reason = "below 2^52")]
            let seconds = Cell::Real(microseconds as f64 / 1e6);
            let expected = CountedUnit::Milliseconds.timestamptz(Cell::Text(format!("{microseconds}e-3").as_bytes()), &Zone::UTC, Fraction::exactly(6));
            prop_assert_eq!(CountedUnit::Seconds.timestamptz(seconds, &Zone::UTC, Fraction::exactly(6)), expected);
        }
    }

    /// PostgreSQL counts from the same epochs: its own arithmetic says which instant a number is.
    #[test]
    fn numbers_count_as_postgresql_adds_them_up(
        micros in many(-60_000_000_000_000_000..200_000_000_000_000_000_i64),
        days in many(1..2_958_466_i64),
        fine in 0..1000_i64,
    ) {
        let oracle = Oracle::connect();
        let shown = |instant: Result<i64, BadValue>| words(&ColumnType::Timestamp(None), &instant.unwrap().to_be_bytes());
        let texts = |numbers: &[i64]| numbers.iter().map(i64::to_string).collect::<Vec<_>>();
        fn at(unit: CountedUnit, cell: Cell<'_>, beyond: FractionTreatment) -> Result<i64, BadValue> {
            unit.timestamptz(cell, &Zone::UTC, Fraction { digits: 6, beyond })
        }
        // A whole number of days and the rest apart: an interval has 64 bits of microseconds.
        let sql = "SELECT (timestamp 'epoch' + value::bigint / 1000000 * interval '1 second' \
                   + value::bigint % 1000000 * interval '1 microsecond')::text FROM unnest($1::text[]) AS value";
        for (micros, theirs) in micros.iter().zip(oracle.ask(sql, &texts(&micros))) {
            let theirs = theirs.unwrap();
            prop_assert_eq!(&shown(at(CountedUnit::Microseconds, Cell::Integer(*micros), FractionTreatment::Refused)), &theirs);
            if let Some(nanos) = micros.checked_mul(1000).and_then(|nanos| nanos.checked_add(fine)) {
                prop_assert_eq!(&shown(at(CountedUnit::Nanoseconds, Cell::Integer(nanos), FractionTreatment::Truncate)), &theirs);
                let text = nanos.to_string();
                let of_text = at(CountedUnit::Nanoseconds, Cell::Text(text.as_bytes()), FractionTreatment::Truncate);
                prop_assert_eq!(&shown(of_text), &theirs);
                let exact = at(CountedUnit::Nanoseconds, Cell::Integer(nanos), FractionTreatment::Refused);
                prop_assert_eq!(exact.is_ok(), fine == 0);
            }
        }
        let sql = "SELECT (timestamp '0001-01-01' + value::bigint / 10000000 * interval '1 second' \
                   + value::bigint % 10000000 / 10 * interval '1 microsecond')::text FROM unnest($1::text[]) AS value";
        let ticks = micros.iter().map(|micros| micros.abs() * 10 + fine % 10).collect::<Vec<_>>();
        for (ticks, theirs) in ticks.iter().zip(oracle.ask(sql, &texts(&ticks))) {
            prop_assert_eq!(Some(shown(at(CountedUnit::Ticks, Cell::Integer(*ticks), FractionTreatment::Truncate))), theirs);
        }
        let sql = "SELECT (date '1899-12-30' + value::int + (value::int < 60)::int)::text FROM unnest($1::text[]) AS value";
        for (day, theirs) in days.iter().zip(oracle.ask(sql, &texts(&days))) {
            match CountedUnit::ExcelDays.date(Cell::Integer(*day), &Zone::UTC) {
                Ok(date) => prop_assert_eq!(Some(words(&ColumnType::Date, &date.to_be_bytes())), theirs),
                Err(_) => prop_assert_eq!(*day, 60),
            }
        }
        let sql = "SELECT to_char(day, 'YYYYMMDD') || ' ' || day FROM (SELECT date '1000-01-01' + value::int FROM unnest($1::text[]) AS value) AS days (day)";
        for both in oracle.ask(sql, &texts(&days)) {
            let (digits, theirs) = both.as_deref().and_then(|both| both.split_once(' ')).unwrap();
            for cell in [Cell::Integer(digits.parse().unwrap()), Cell::Text(digits.as_bytes())] {
                let date = CountedUnit::CalendarDigits.date(cell, &Zone::UTC).unwrap();
                prop_assert_eq!(words(&ColumnType::Date, &date.to_be_bytes()), theirs);
            }
        }
    }
}

/// The limit of depth stays below that of PostgreSQL, in every kind of nesting.
#[test]
fn deep_documents() {
    let oracle = Oracle::connect();
    let depth = json::MAXIMUM_DEPTH;
    let texts = [
        format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
        format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
        format!("{}1{}", "[{\"a\":".repeat(depth / 2), "}]".repeat(depth / 2)),
    ];
    oracle.agree("json", &texts, |_, _| false);
    oracle.agree("jsonb", &texts, |_, _| false);
    for text in texts {
        let mut form = Vec::new();
        canonical(&ColumnType::Jsonb, format!("\u{1}{text}").as_bytes(), &mut form).unwrap();
        assert_eq!(form.split_off(1).len(), text.len() - 1);
    }
}
