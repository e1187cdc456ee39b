//! Values as SQLite may hold them, and the columns that hold them.

use proptest::prelude::*;
use proptest::sample::select;

/// A value by its storage class.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// Text whose bytes are no UTF-8.
    Broken(Vec<u8>),
    Blob(Vec<u8>),
}

impl Value {
    /// The literal that makes SQLite store it.
    pub(crate) fn literal(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            // The literal of the smallest integer is read as a real.
            Value::Integer(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) if number.is_infinite() => if *number > 0.0 { "9e999" } else { "-9e999" }.to_owned(),
            Value::Real(number) => format!("{number:?}"),
            Value::Text(text) if text.contains('\0') => {
                let parts = text.split('\0').map(|part| format!("'{}'", part.replace('\'', "''")));
                parts.collect::<Vec<_>>().join(" || char(0) || ")
            }
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Broken(bytes) => format!("CAST(x'{}' AS TEXT)", hex::encode(bytes)),
            Value::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
        }
    }
}

/// What a column is meant to hold: declared types, values that suit them, defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Integer,
    Float,
    Decimal,
    Boolean,
    Text,
    Moment,
    Date,
    Time,
    Json,
    Bytes,
    Uuid,
    Nothing,
}

impl Family {
    pub(crate) const ALL: [Family; 12] = [
        Family::Integer,
        Family::Float,
        Family::Decimal,
        Family::Boolean,
        Family::Text,
        Family::Moment,
        Family::Date,
        Family::Time,
        Family::Json,
        Family::Bytes,
        Family::Uuid,
        Family::Nothing,
    ];

    /// Types as people declare them.
    pub(crate) fn declared(self) -> &'static [&'static str] {
        match self {
            Family::Integer => &[
                "INTEGER",
                "INT",
                "INT(5)",
                "UNSIGNED BIG INT",
                "smallint unsigned",
                "BIGINT",
                "tinyint",
                "int8",
                "POINT",
                "unsigned",
            ],
            Family::Float => &["REAL", "DOUBLE PRECISION", "float", "FLOAT(24)", "double(8, 2)", "FLOATING"],
            Family::Decimal => {
                &["DECIMAL(10,2)", "NUMERIC", "NUMBER", "NUMERIC(5)", "dec(20, 10)", "MONEY", "NUMBER(*)"]
            }
            Family::Boolean => &["BOOLEAN", "bool", "BIT"],
            Family::Text => &[
                "TEXT",
                "VARCHAR(20)",
                "text nocase",
                "CHAR(3)",
                "CLOB",
                "string",
                "NVARCHAR(255)",
                "\"varchar (5)\"",
                "TXET",
                "ENUM('a','b')",
                "character varying(9)",
            ],
            Family::Moment => &["DATETIME", "TIMESTAMP", "timestamp with time zone", "DATETIME(3)"],
            Family::Date => &["DATE"],
            Family::Time => &["TIME"],
            Family::Json => &["JSON", "jsonb"],
            Family::Bytes => &["BLOB", "bytea", "VARBINARY(10)", "IMAGE"],
            Family::Uuid => &["UUID", "uniqueidentifier", "GUID"],
            Family::Nothing => &["", "ANY", "XYZZY", "\"\"", "[what ever]"],
        }
    }

    /// The nearest of the types that a STRICT table has.
    pub(crate) fn strict(self) -> &'static str {
        match self {
            Family::Integer | Family::Boolean => "INTEGER",
            Family::Float => "REAL",
            Family::Bytes => "BLOB",
            Family::Nothing => "ANY",
            _ => "TEXT",
        }
    }

    /// Defaults that suit the type more or less.
    pub(crate) fn defaults(self) -> &'static [&'static str] {
        match self {
            Family::Integer => &["0", "-1", "'7'", "(1 + 2)", "0x10", "+5", "9223372036854775807", "''", "1.0", "1e3"],
            Family::Float => &["0", "-0.5", "'1.5'", "1e300", "(2 * 1.5)", ".5", "9e999"],
            Family::Decimal => &["0", "0.00", "'12.30'", "-1", "1e2"],
            Family::Boolean => &["0", "1", "TRUE", "false", "'f'", "'true'", "(1 = 1)", "2"],
            Family::Text => &[
                "'null'",
                "\"\"",
                "'\"0\"'",
                "'it''s'",
                "active",
                "''",
                "NULL",
                "0",
                "1.50",
                "('a' || 'b')",
                "x'61'",
                "'back\\slash'",
                "\"say \"\"hi\"\"\"",
                "CURRENT_TIMESTAMP",
                "TRUE",
            ],
            Family::Moment => &[
                "CURRENT_TIMESTAMP",
                "(datetime('now'))",
                "(datetime('now', 'localtime'))",
                "'2024-02-29 12:00:00'",
                "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
                "0",
                "''",
                "'0000-00-00 00:00:00'",
                "'now'",
                "current_timestamp",
            ],
            Family::Date => &["CURRENT_DATE", "(date('now'))", "'1970-01-01'", "'today'"],
            Family::Time => &["CURRENT_TIME", "(time('now'))", "'12:30'", "'24:00:00'"],
            Family::Json => &["'{}'", "'[]'", "'null'", "null", "0", "'\"a\"'", "'{'"],
            Family::Bytes => &["x'00ff'", "X''", "'text'", "(x'00' || x'01')"],
            Family::Uuid => &["'00000000-0000-0000-0000-000000000000'", "(lower(hex(randomblob(16))))", "''"],
            Family::Nothing => &["0", "'a'", "NULL", "x'00'", "1.5", "TRUE", "0xFFFFFFFFFFFFFFFF"],
        }
    }

    /// Values of one column. Most columns hold what they are meant to hold, some hold anything.
    pub(crate) fn values(self) -> BoxedStrategy<Vec<Value>> {
        let many = |value: BoxedStrategy<Value>| {
            let or_null = prop_oneof![7 => value, 1 => Just(Value::Null)];
            prop::collection::vec(or_null, 1..8).boxed()
        };
        let suits: Vec<BoxedStrategy<Value>> = match self {
            Family::Integer => vec![integer()],
            Family::Float => vec![real(), prop_oneof![real(), integer()].boxed()],
            Family::Decimal => vec![decimal(), prop_oneof![decimal(), integer()].boxed()],
            Family::Boolean => vec![truth()],
            Family::Text => vec![text(), prop_oneof![3 => text(), 1 => integer(), 1 => real()].boxed()],
            Family::Moment => {
                vec![
                    moment(),
                    moment(),
                    seconds(),
                    milliseconds(),
                    julian_day(),
                    prop_oneof![moment(), seconds()].boxed(),
                ]
            }
            Family::Date => vec![date(), date(), moment(), julian_day()],
            Family::Time => vec![time()],
            Family::Json => vec![json()],
            Family::Bytes => vec![blob(), blob(), prop_oneof![blob(), text()].boxed()],
            Family::Uuid => vec![uuid()],
            Family::Nothing => vec![integer(), real(), text(), blob(), prop_oneof![integer(), real()].boxed()],
        };
        let suited = select(suits).prop_flat_map(many);
        prop_oneof![12 => suited, 1 => many(anything())].boxed()
    }
}

fn texts(texts: &[&str]) -> BoxedStrategy<Value> {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    select(texts).prop_map(Value::Text).boxed()
}

fn anything() -> BoxedStrategy<Value> {
    let broken = select(vec![vec![0xff], b"a\xc3".to_vec(), b"\xed\xa0\x80".to_vec()]).prop_map(Value::Broken);
    prop_oneof![
        integer(),
        real(),
        text(),
        blob(),
        moment(),
        date(),
        json(),
        uuid(),
        truth(),
        seconds(),
        broken,
        texts(&["a\0b", "\0", "0000-00-00", "\u{feff}x", " ", "NaN", "Infinity", "9223372036854775808"]),
    ]
    .boxed()
}

fn integer() -> BoxedStrategy<Value> {
    let edges = [
        i64::MIN,
        i64::MAX,
        i64::MIN + 1,
        1 << 53,
        (1 << 53) + 1,
        i64::from(i32::MAX) + 1,
        i64::from(i32::MIN) - 1,
        32768,
        -32769,
        256,
    ];
    prop_oneof![6 => -9..100_i64, 1 => any::<i64>(), 1 => select(edges.to_vec())].prop_map(Value::Integer).boxed()
}

fn real() -> BoxedStrategy<Value> {
    let edges = [
        -0.0,
        0.1,
        1e308,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        -1e-310,
        1e15,
        1e16,
        123_456_789.123_456_78,
        9_223_372_036_854_775_807.0,
        -9_223_372_036_854_775_808.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let short = (-99999..99999_i32, 0..4_i32).prop_map(|(number, scale)| f64::from(number) / 10_f64.powi(scale));
    let any = any::<f64>().prop_filter("SQLite stores NaN as NULL", |number| !number.is_nan());
    prop_oneof![4 => short, 1 => any, 2 => select(edges.to_vec())].prop_map(Value::Real).boxed()
}

fn decimal() -> BoxedStrategy<Value> {
    let money = (-9999..9999_i32).prop_map(|cents| Value::Real(f64::from(cents) / 100.0));
    let written = texts(&["12.50", "-0.010", " 7 ", "99999.99", "1e2", "00012"]);
    prop_oneof![6 => money, 4 => (-999..999_i64).prop_map(Value::Integer), 1 => written].boxed()
}

fn truth() -> BoxedStrategy<Value> {
    let words = texts(&["true", "FALSE", "t", "no", "1"]);
    prop_oneof![8 => (0..=1_i64).prop_map(Value::Integer), 1 => words, 1 => Just(Value::Real(1.0))].boxed()
}

fn text() -> BoxedStrategy<Value> {
    let nasty = texts(&[
        "",
        "it's",
        "say \"hi\"",
        "back\\slash \\n \\N",
        "tab\tand\r\nline",
        "NULL",
        "äöü€𝄞",
        "é",
        "e\u{301}",
        "ß",
        "İı",
        "100%",
        " spaces ",
        "-- ; /*",
        "12",
        "1.50",
        "a",
        "A",
        "\u{1}\u{7f}\u{80}",
        "{}",
        "$1 :x ?",
        "\u{202e}\u{fffd}\u{ffff}",
        "[1, 2]",
    ]);
    prop_oneof![4 => "[a-dA-D]{0,4}".prop_map(Value::Text), 3 => nasty, 1 => "\\PC{0,12}".prop_map(Value::Text)].boxed()
}

fn date_text() -> impl Strategy<Value = String> {
    let year = prop_oneof![9 => 1970..2040_i32, 1 => select(vec![1, 999, 1582, 1900, 9999])];
    (year, 1..=12_i32, 1..=28_i32).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

fn time_text() -> impl Strategy<Value = String> {
    let seconds = select(vec!["", ":00", ":59", ":07.5", ":07.123", ":59.999999", ":00.1234560", ":01.1234567"]);
    let seconds = prop_oneof![12 => select(vec!["", ":00", ":59"]), 2 => seconds];
    (0..=23_i32, 0..=59_i32, seconds).prop_map(|(hour, minute, seconds)| format!("{hour:02}:{minute:02}{seconds}"))
}

fn date() -> BoxedStrategy<Value> {
    date_text().prop_map(Value::Text).boxed()
}

fn time() -> BoxedStrategy<Value> {
    time_text().prop_map(Value::Text).boxed()
}

fn moment() -> BoxedStrategy<Value> {
    let offset = select(vec!["", "", "", "Z", "+00:00", "+05:30", "-0800", "+01"]);
    let whole = (date_text(), select(vec![" ", "T"]), time_text(), offset)
        .prop_map(|(date, separator, time, offset)| Value::Text(format!("{date}{separator}{time}{offset}")));
    prop_oneof![9 => whole, 1 => date()].boxed()
}

fn seconds() -> BoxedStrategy<Value> {
    let fraction = (1_000_000_000..1_900_000_000_i32, 0..1000_i32)
        .prop_map(|(seconds, milliseconds)| Value::Real(f64::from(seconds) + f64::from(milliseconds) / 1000.0));
    prop_oneof![3 => (1_000_000_000..1_900_000_000_i64).prop_map(Value::Integer), 1 => fraction].boxed()
}

fn milliseconds() -> BoxedStrategy<Value> {
    (1_000_000_000_000..1_900_000_000_000_i64).prop_map(Value::Integer).boxed()
}

fn julian_day() -> BoxedStrategy<Value> {
    (2_440_000..2_470_000_i32, 0..8_i32)
        .prop_map(|(day, part)| Value::Real(f64::from(day) + f64::from(part) / 8.0))
        .boxed()
}

fn json() -> BoxedStrategy<Value> {
    let usual = texts(&[
        "{}",
        "[]",
        "null",
        "true",
        "12",
        "-0.0",
        "1.50",
        "1e400",
        "123456789012345678901234567890.12345",
        "\"text\"",
        r#"{"a": {"b": [1, 2.0, "x"]}}"#,
        r#"{"a":1,"é":"\u00e9"}"#,
        r#""\ud83d\ude00""#,
        " [1 , 2 ] ",
        r#"{"": ""}"#,
    ]);
    let hard = texts(&[r#""\u0000""#, r#""\ud800""#, r#"{"a":1,"a":2}"#, "{a:1}", "[1,]", "", "1e999999", "nul"]);
    prop_oneof![14 => usual, 1 => hard, 1 => integer()].boxed()
}

fn blob() -> BoxedStrategy<Value> {
    prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::Blob).boxed()
}

fn uuid() -> BoxedStrategy<Value> {
    (any::<u128>(), 0..8_u8)
        .prop_map(|(number, spelling)| {
            let plain = format!("{number:032x}");
            let parts = [&plain[..8], &plain[8..12], &plain[12..16], &plain[16..20], &plain[20..]].join("-");
            match spelling {
                0 => Value::Text(plain),
                1 => Value::Text(format!("{{{parts}}}")),
                2 => Value::Text(parts.to_uppercase()),
                3 => Value::Blob(number.to_be_bytes().to_vec()),
                _ => Value::Text(parts),
            }
        })
        .boxed()
}
