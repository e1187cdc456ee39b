//! The encoder and the proving side's own meaning of values, held against each other: on every type, reading and zone they
//! agree on what fits, and on the value. Where they did not, PostgreSQL's word has decided which of them was mended.

use jiff::tz::{Offset, TimeZone};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use transship::catalog::ColumnType;
use transship::proof::meaning::{ColumnMeaning, Room};
use transship::target::copy::ColumnEncoder;
use transship::value::{Cell, Dropping, Forgetting, FractionTreatment, Reading, RepeatedTime, ZeroDates, Zone};

/// A cell that owns what it holds.
#[derive(Clone)]
enum Stored {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Stored {
    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(number) => Cell::Integer(*number),
            Self::Real(number) => Cell::Real(*number),
            Self::Text(text) => Cell::Text(text),
            Self::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => formatter.write_str("NULL"),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Real(number) => write!(formatter, "{number:?}"),
            Self::Text(text) => write!(formatter, "'{}'", text.escape_ascii()),
            Self::Blob(bytes) => write!(formatter, "x'{}'", bytes.escape_ascii()),
        }
    }
}

const TYPES: [&str; 35] = [
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(10,2)",
    "numeric(38,10)",
    "numeric(4,6)",
    "numeric(3,-2)",
    "text",
    "varchar",
    "varchar(5)",
    "char(5)",
    "citext",
    "text[]",
    "bytea",
    "date",
    "time",
    "time(2)",
    "timestamp",
    "timestamp(0)",
    "timestamp(3)",
    "timestamptz",
    "timestamptz(3)",
    "timestamptz(0)",
    "interval",
    "uuid",
    "inet",
    "json",
    "jsonb",
    "jsonb",
    "numeric(18)",
    "varchar(40)",
];

/// Zones by the spec's name, as either side has them.
fn zones() -> [(&'static str, TimeZone); 5] {
    let fixed = |seconds| TimeZone::fixed(Offset::from_seconds(seconds).unwrap());
    let named = |name| TimeZone::get(name).unwrap();
    [
        ("UTC", fixed(0)),
        ("+02:00", fixed(7200)),
        ("-03:30", fixed(-12_600)),
        ("Europe/Berlin", named("Europe/Berlin")),
        ("America/New_York", named("America/New_York")),
    ]
}

/// What the spec may let a conversion forget: nothing, and everything in two ways.
fn forgettings() -> [Forgetting; 3] {
    let dropping = |fraction, repeated_time, zero_dates| {
        let [leading_zeros, trailing_spaces, storage_class] = [Dropping::Drop; 3];
        let letter_case = Dropping::Refused;
        Forgetting { leading_zeros, trailing_spaces, fraction, repeated_time, storage_class, zero_dates, letter_case }
    };
    [
        Forgetting::default(),
        dropping(FractionTreatment::Truncate, RepeatedTime::Earlier, ZeroDates::MinusInfinity),
        dropping(FractionTreatment::Round, RepeatedTime::Later, ZeroDates::Null),
    ]
}

fn number_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[+-]?(0|[1-9][0-9]{0,40})(\\.[0-9]{0,30})?",
        "-?[0-9]{1,9}\\.[0-9]{1,3}",
        "-?[0-9]{1,20}\\.?[0-9]{0,20}[eE][+-]?[0-9]{1,2}",
        "-?0{1,6}[0-9]{0,6}0{0,9}(\\.0{0,8}[0-9]{0,3}0{0,8})?",
        any::<f64>().prop_map(|number| format!("{number}")),
        any::<f32>().prop_map(|number| format!("{number:e}")),
        (any::<f64>(), 0..25_usize).prop_map(|(number, digits)| format!("{number:.digits$e}")),
        any::<i64>().prop_map(|number| number.to_string()),
        (-40_000_i64..40_000).prop_map(|number| number.to_string()),
        (1_600_000_000_i64..1_800_000_000).prop_map(|number| number.to_string()),
        select(vec![
            "",
            ".",
            "-",
            "1e",
            "1.2.3",
            "NaN",
            "nan",
            "-NaN",
            " 12 ",
            "-.5",
            "5.",
            "1 2",
            "++1",
            "0e0",
            "-0.00",
            "inf",
            "-Infinity",
            "Infinity ",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "1e400",
            "1e-400",
            "4.9e-324",
            "2.2250738585072011e-308",
            "0.1",
            "16777217",
            "16777216",
            "3.4028236e38",
            "1e131071",
            "1e131072",
            "1e-16383",
            "1e-16384",
            "1e1000001",
            "0e1000001",
            "0e200000",
            "0.000000000000000000000001",
            "\u{b}1",
        ])
        .prop_map(str::to_owned),
    ]
}

fn moment_text() -> impl Strategy<Value = String> {
    let year = prop_oneof![0..=9999_i32, 1900..2100_i32, select(vec![0, 1, 4, 100, 400, 1999, 2000, 2024, 9999])];
    let usual = (year, 0..=13_i32, 0..=32_i32).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let edges = [
        "2024-03-31",
        "2024-10-27",
        "2024-03-10",
        "2024-11-03",
        "9999-12-31",
        "0000-00-00",
        "2020-01-00",
        "0000-02-29",
    ];
    let date = prop_oneof![3 => usual, 1 => select(edges.to_vec()).prop_map(str::to_owned)];
    let fraction =
        prop_oneof![3 => "", 3 => r"\.[0-9]{1,6}", 1 => r"\.[0-9]{6}0{1,3}", 1 => r"\.[0-9]{7,9}", 1 => r"\.[0-9]00"];
    let seconds = (0..=60_i32, fraction).prop_map(|(second, fraction)| format!(":{second:02}{fraction}"));
    let usual = (0..=24_i32, 0..=60_i32, prop_oneof![1 => Just(String::new()), 6 => seconds])
        .prop_map(|(hour, minute, seconds)| format!("{hour:02}:{minute:02}{seconds}"));
    let edges = [
        "00:00:00",
        "00:00",
        "00:00:00.000",
        "23:59:59.999999",
        "24:00:00",
        "24:00",
        "24:00:01",
        "12:00:00.",
        "02:30:00",
        "01:30",
    ];
    let time = prop_oneof![2 => usual, 1 => select(edges.to_vec()).prop_map(str::to_owned)];
    let offset = (select(vec!["+", "-"]), 0..=17_i32, select(vec!["", ":00", "30", ":15", ":60", ":00:28"]))
        .prop_map(|(sign, hour, rest)| format!("{sign}{hour:02}{rest}"));
    let usual = select(vec!["", "", "", "Z", "z", "+00:00", " +02:00", "+01", "-04:00", "-05", " Z", "X"]);
    let offset = prop_oneof![3 => usual.prop_map(str::to_owned), 1 => offset];
    let space = || select(vec!["", "", "", " ", "\n"]);
    prop_oneof![
        4 => (space(), date.clone(), select(vec![" ", "T", "t", "_"]), time.clone(), offset.clone(), space())
            .prop_map(|(before, date, between, time, offset, after)| format!("{before}{date}{between}{time}{offset}{after}")),
        1 => (space(), date, space()).prop_map(|(before, date, after)| format!("{before}{date}{after}")),
        1 => (time, offset).prop_map(|(time, offset)| time + &offset),
    ]
}

fn json_text() -> impl Strategy<Value = String> {
    let string = prop_oneof![
        "[a-c]{0,2}".prop_map(|text| format!("\"{text}\"")),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        r#""(\\u[0-9a-fA-F]{4}|\\ud83d\\ude0[0-9]|\\[bfnrt/"\\]|[a-z]){0,3}""#,
    ];
    let word = select(vec!["null", "true", "false", "0", "-0", "-0.0", "01", "1e131072"]).prop_map(str::to_owned);
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![3 => number.boxed(), 3 => string.boxed(), 1 => word.boxed()];
    let space = || select(vec!["", "", " ", "\n\t"]);
    leaf.prop_recursive(4, 30, 5, move |inner| {
        let elements = prop::collection::vec((space(), inner.clone()), 0..5).prop_map(|elements| {
            let elements = elements.iter().map(|(space, value)| format!("{space}{value}{space}")).collect::<Vec<_>>();
            format!("[{}]", elements.join(","))
        });
        let key = prop_oneof!["[a-e]{0,2}".prop_map(|key| format!("\"{key}\"")), Just(r#""\u0061""#.to_owned())];
        let members = prop::collection::vec((key, space(), inner), 0..5).prop_map(|members| {
            let members =
                members.iter().map(|(key, space, value)| format!("{space}{key}{space}:{value}")).collect::<Vec<_>>();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![elements, members]
    })
}

fn other_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z' ]{0,8} {0,3}",
        "(\\\\x|0x|)[0-9a-fA-F]{0,40}",
        "[A-Za-z0-9+/]{0,20}={0,2}",
        "\\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\}?",
        "(urn:uuid:|URN:UUID:|)([0-9a-f]{4}-?){7}[0-9a-f]{4}",
        "([0-9]{1,3}\\.){3}[0-9]{1,3}(/[0-9]{1,2})?",
        "[0-9a-f]{1,4}(:[0-9a-f]{0,4}){2,7}(/[0-9]{1,3})?",
        "-?[0-9]{1,3} days?,? -?[0-9]{1,2}:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,7})?)?",
        "-?[0-9]{1,3}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,6})?",
        select(vec![
            "t",
            "TRUE",
            "yes",
            " No ",
            "on",
            "o",
            "of",
            "off",
            "f",
            "1",
            "0",
            "happy",
            "Happy",
            "größer",
            "a\0b",
            "1 day",
            "::1",
            "127.0.0.1/8",
            "fe80::1%eth0",
            "::ffff:1.2.3.4",
            "+1 days",
            ":",
            "1:2",
        ])
        .prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let texts = prop_oneof![number_text(), moment_text(), json_text(), other_text()];
    // Sometimes a byte is another: damaged JSON, broken UTF-8.
    (texts, any::<prop::sample::Index>(), any::<u8>(), 0..6).prop_map(|(text, place, byte, damage)| {
        let mut bytes = text.into_bytes();
        if damage == 0 && !bytes.is_empty() {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

fn real() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        any::<f32>().prop_map(f64::from),
        (any::<i32>(), 0..9_i32).prop_map(|(number, scale)| f64::from(number) / 10_f64.powi(scale)),
        (-1e17..1e17_f64, 0..7_i32).prop_map(|(number, scale)| number.trunc() / 10_f64.powi(scale)),
        (1.6e9..1.8e9_f64, 0..7_i32)
            .prop_map(|(number, scale)| (number * 10_f64.powi(scale)).trunc() / 10_f64.powi(scale)),
        2_400_000.0..2_500_000.0_f64,
        (4_800_000_i32..5_000_000).prop_map(|half_days| f64::from(half_days) / 2.0),
        select(vec![
            0.0,
            -0.0,
            1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e15,
            1e22,
            5e-324,
            9.2e18,
            2_451_544.5
        ]),
    ]
}

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -3_i64..3,
        -70_000_i64..70_000,
        (-20_000_i64..20_000).prop_map(|days| days * 86_400),
        (-20_000_i64..20_000).prop_map(|hours| hours * 3_600_000),
        select(vec![i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1, 1 << 24, (1 << 24) + 1, 2_451_545, 10_i64.pow(18)]),
    ]
}

fn stored() -> impl Strategy<Value = Stored> {
    prop_oneof![
        1 => Just(Stored::Null),
        4 => integer().prop_map(Stored::Integer),
        5 => real().prop_map(Stored::Real),
        20 => text().prop_map(Stored::Text),
        2 => text().prop_map(Stored::Blob),
        1 => prop::collection::vec(any::<u8>(), 16).prop_map(Stored::Blob),
    ]
}

/// What is wrong between the two, in words.
fn disagreement(encoder: &ColumnEncoder, meaning: &ColumnMeaning, cell: Cell<'_>, room: &mut Room) -> Option<String> {
    let (mut field, mut expected, mut other) = (Vec::new(), Vec::new(), Vec::new());
    let encoded = encoder.encode(cell, &mut field);
    let understood = meaning.source(cell, room).map(|value| {
        value.append(&mut expected);
        value.words()
    });
    let understood = match (encoded, understood) {
        (Ok(()), Ok(understood)) => understood,
        (Err(_), Err(_)) => return None,
        (encoded, understood) => return Some(format!("the encoder: {encoded:?}, the meaning: {understood:?}")),
    };
    let field = match field.split_first_chunk::<4>() {
        Some((length, field)) if *length != [0xff; 4] => Some(field),
        _ => None,
    };
    let value = meaning.target(field, room);
    value.append(&mut other);
    (expected != other).then(|| format!("understood as {understood}, written as {}", value.words()))
}

/// Stored values that every column is asked about.
const VALUES: usize = 6000;

#[test]
fn the_encoder_and_the_meaning_agree() {
    let readings = [Reading::Stored].into_iter().chain(Reading::ALL.map(|(_, reading)| reading)).collect::<Vec<_>>();
    let mut columns = Vec::new();
    for name in TYPES {
        let column_type = name.parse::<ColumnType>().unwrap();
        let has_zone = matches!(column_type, ColumnType::Date | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_));
        for reading in &readings {
            let zones = zones().into_iter().take(if has_zone { usize::MAX } else { 1 });
            for ((zone, time_zone), forgets) in
                zones.flat_map(|zone| forgettings().map(|forgets| (zone.clone(), forgets)))
            {
                let encoder =
                    ColumnEncoder::forgetting(&column_type, *reading, &Zone::from_name(zone).unwrap(), forgets);
                let meaning = ColumnMeaning::new(&column_type, *reading, &time_zone, forgets);
                assert_eq!(encoder.is_ok(), meaning.is_ok(), "{name} from {reading}");
                let Ok((encoder, meaning)) = encoder.map(|encoder| (encoder, meaning.unwrap())) else {
                    continue;
                };
                let words = forgets.words().map(|(key, word)| format!("{key} = {word}")).collect::<Vec<_>>().join(", ");
                columns.push((format!("{name} from {reading} in {zone} ({words})"), encoder, meaning));
            }
        }
    }
    let labels = ["happy", "größer", "t"].map(str::to_owned);
    let of_enum = (ColumnEncoder::of_enum(&labels).not_null(), ColumnMeaning::of_enum(&labels).not_null());
    columns.push(("enum".to_owned(), of_enum.0, of_enum.1));
    let any_case = (
        ColumnEncoder::of_enum(&labels).in_letter_case(Dropping::Drop),
        ColumnMeaning::of_enum(&labels).in_any_case(true),
    );
    columns.push(("enum in any case".to_owned(), any_case.0, any_case.1));

    let (mut runner, mut room, mut wrong) = (TestRunner::default(), Room::default(), BTreeMap::new());
    for _ in 0..VALUES {
        let value = stored().new_tree(&mut runner).unwrap().current();
        for (column, encoder, meaning) in &columns {
            if let Some(words) = disagreement(encoder, meaning, value.cell(), &mut room) {
                wrong.entry(column).or_insert_with(|| format!("{column}: {value:?}: {words}"));
            }
        }
    }
    let wrong = wrong.into_values().collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{} columns differ:\n{}", wrong.len(), wrong.join("\n"));
}
