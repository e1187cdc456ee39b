//! The table of [`forgetting`](crate::value::forgetting), row by row: what is only another spelling passes, what would
//! be forgotten is refused, and the row's word allows it.

use super::{ColumnEncoder, canonical};
use crate::catalog::ColumnType;
use crate::value::{BadValue, Cell, Dropping, Forgetting, FractionTreatment, Reading, RepeatedTime, ZeroDates, Zone};

/// The text of the module that holds the table.
const TABLE: &str = include_str!("../../value/forgetting.rs");

/// A case: one row of the table.
struct SpellingCase {
    /// The words of its first cell.
    title: &'static str,
    types: &'static [&'static str],
    /// Texts that are one value.
    alike: &'static [&'static [&'static str]],
    /// Texts of which something would be forgotten.
    forgets: &'static [&'static str],
    /// Texts that are no value of the type, whatever the spec says.
    never: &'static [&'static str],
}

const ROWS: [SpellingCase; 16] = [
    SpellingCase {
        title: "integers, `numeric`, floating point",
        types: &["smallint", "integer", "bigint"],
        alike: &[&["5", "+5", " 5 "], &["0", "-0"]],
        forgets: &["007", "-01", "00", " +05"],
        never: &["1e2", "5.5", "0x10", "5a", "", "٣"],
    },
    SpellingCase {
        title: "integers, `numeric`, floating point",
        types: &["numeric", "real", "double precision"],
        alike: &[&["5", "+5", " 5 ", "5.0", "5.00"], &["0", "0.0"], &["-1.5", "-1.50"], &["100", "1e2"]],
        forgets: &["007", "-01.5", "00", " +05"],
        never: &["0x10", "5a", "", "٣"],
    },
    SpellingCase {
        title: "`numeric(p,s)`",
        types: &["numeric(6,2)"],
        alike: &[&["5", "5.0", "5.000"], &["-1.5", "-1.50"]],
        forgets: &["1.255", "0.001", "-99.999"],
        never: &["99999.9", "nan", "5a"],
    },
    SpellingCase {
        title: "`boolean`",
        types: &["boolean"],
        alike: &[&["t", "true", "YES", "on", "1"], &["f", "no", "OFF", "0"]],
        forgets: &[],
        never: &["2", "maybe", ""],
    },
    SpellingCase {
        title: "`date`",
        types: &["date"],
        alike: &[&["2024-01-05", "2024-01-05 00:00:00", "2024-01-05T00:00:00Z", "2024-01-05 00:00:00+00:00"]],
        forgets: &[],
        never: &["2024-01-05 10:00:00", "2024-01-05 00:00:00+02:00", "2024-1-5", "20240105", "2024-02-30"],
    },
    SpellingCase {
        title: "`date`, `timestamp`, `timestamptz`",
        types: &["date", "timestamp", "timestamptz"],
        alike: &[],
        forgets: &["0000-00-00", "2020-01-00", "2020-00-00"],
        never: &["2020-13-00", "2020-01-32"],
    },
    SpellingCase {
        title: "`time`, `timestamp`, `timestamptz`",
        types: &["timestamp", "timestamptz"],
        alike: &[
            &["2024-01-05 10:11", "2024-01-05T10:11:00", " 2024-01-05 10:11:00.000 ", "2024-01-05 10:11:00.0000000000"],
            &["2024-01-05 24:00", "2024-01-06 00:00:00"],
        ],
        forgets: &["2024-01-05 10:11:12.1234567", "2024-01-05 10:11:12.123456789"],
        never: &["2024-1-5 10:11", "soon"],
    },
    SpellingCase {
        title: "`timestamptz` of local time",
        types: &["timestamptz"],
        alike: &[&["2024-07-01 12:00:00", "2024-07-01 10:00:00Z", "2024-07-01T15:00:00+05:00"]],
        forgets: &["2024-10-27 02:30:00", "2024-10-27T02:00"],
        never: &["2024-03-31 02:30:00"],
    },
    SpellingCase {
        title: "`timestamp` of instants",
        types: &["timestamp"],
        alike: &[&["2024-07-01 12:00:00", "2024-07-01 12:00:00+02:00"]],
        forgets: &["2024-10-27 02:30:00+01:00"], // the later of the two, which the word below says
        never: &["2024-07-01 12:00:00+99:00"],
    },
    SpellingCase {
        title: "`uuid` of text",
        types: &["uuid"],
        alike: &[&[
            "0b7e1c7a-7a5f-4b8e-9d53-3f4b5d1c2a10",
            "0B7E1C7A-7A5F-4B8E-9D53-3F4B5D1C2A10",
            "0b7e1c7a7a5f4b8e9d533f4b5d1c2a10",
            "{0b7e1c7a-7a5f-4b8e-9d53-3f4b5d1c2a10}",
            "urn:uuid:0b7e1c7a-7a5f-4b8e-9d53-3f4b5d1c2a10",
        ]],
        forgets: &[],
        never: &["0b7e1c7a-7a5f-4b8e-9d53-3f4b5d1c2a1", "x"],
    },
    SpellingCase {
        title: "`char(n)`",
        types: &["char(4)"],
        alike: &[&["ab", "ab  "]],
        forgets: &["ab ", "ab     "],
        never: &["abcde"],
    },
    SpellingCase {
        title: "`jsonb`",
        types: &["jsonb"],
        alike: &[&["{\"a\": 1, \"b\": \"ü\"}", "{\"b\":\"\\u00fc\",\"a\":1}", "  {\"a\":1.0,\"b\":\"ü\"}"]],
        forgets: &[],
        never: &["{\"a\": 1, \"a\": 2}", "{", "{'a': 1}"],
    },
    SpellingCase {
        title: "`interval`",
        types: &["interval"],
        alike: &[&["1 day 02:00:00", "1 days, 02:00:00", "01 day 02:00:00"]],
        forgets: &[],
        never: &["soon"],
    },
    SpellingCase {
        title: "`inet`",
        types: &["inet"],
        alike: &[&["10.0.0.1", "10.0.0.1/32"], &["2001:DB8::1", "2001:db8:0:0:0:0:0:1"]],
        forgets: &[],
        never: &["010.0.0.1", "10.0.0"],
    },
    SpellingCase {
        title: "`text`, `varchar`, `citext`",
        types: &["text", "varchar(9)", "citext"],
        alike: &[&["007"], &["ab "], &["1.0"]],
        forgets: &[],
        never: &[],
    },
    SpellingCase {
        title: "`json`",
        types: &["json"],
        alike: &[&["1.0"], &[" {\"a\": 1}"]],
        forgets: &[],
        never: &["{"],
    },
];

/// Cases of bytes, which no text shows: `uuid` of 16 bytes, and `bytea` of text, whose reading says how; and an enum, which has
/// labels and no name.
const OF_BYTES: [&str; 3] = ["`uuid` of 16 bytes", "`bytea` of text", "an enum"];

/// Every word at once: each has a say only in its own types.
const EVERY_WORD: Forgetting = Forgetting {
    leading_zeros: Dropping::Drop,
    trailing_spaces: Dropping::Drop,
    fraction: FractionTreatment::Truncate,
    repeated_time: RepeatedTime::Later,
    storage_class: Dropping::Drop,
    zero_dates: ZeroDates::MinusInfinity,
    letter_case: Dropping::Drop,
};

fn encode(name: &str, text: &str, forgets: Forgetting) -> Result<Vec<u8>, BadValue> {
    let zone = Zone::from_name("Europe/Berlin").unwrap();
    let column_type = name.parse::<ColumnType>().unwrap();
    let encoder = ColumnEncoder::forgetting(&column_type, Reading::Stored, &zone, forgets).unwrap();
    let mut out = Vec::new();
    encoder.encode(Cell::Text(text.as_bytes()), &mut out)?;
    // 1.5 and 1.50 are one value, and so are documents whose keys are in another order.
    let mut meaning = Vec::new();
    canonical(&column_type, &out[4..], &mut meaning).unwrap();
    Ok(meaning)
}

#[test]
fn every_row_of_the_table_has_its_values() {
    let told = TABLE.lines().filter_map(|line| line.strip_prefix("//! | ")).filter_map(|line| line.split(" | ").next());
    let told = told.filter(|title| *title != "type" && !title.starts_with("---")).collect::<Vec<_>>();
    let mut held = ROWS.iter().map(|row| row.title).chain(OF_BYTES).collect::<Vec<_>>();
    held.dedup();
    let sorted = |mut titles: Vec<&'static str>| {
        titles.sort_unstable();
        titles
    };
    assert_eq!(sorted(told), sorted(held));
}

#[test]
fn spellings_pass_and_what_is_forgotten_needs_a_word() {
    for SpellingCase { title, types, alike, forgets, never } in ROWS {
        for name in types {
            for spellings in alike {
                let encoded = spellings.iter().map(|text| encode(name, text, Forgetting::default()).expect(text));
                let encoded = encoded.collect::<Vec<_>>();
                for (text, other) in spellings.iter().zip(&encoded) {
                    assert_eq!(*other, encoded[0], "{title}: {text} as {name} is another spelling of {}", spellings[0]);
                }
            }
            for text in forgets {
                assert!(
                    encode(name, text, Forgetting::default()).is_err(),
                    "{title}: {text} as {name} forgets something"
                );
                assert!(encode(name, text, EVERY_WORD).is_ok(), "{title}: a word allows {text} as {name}");
            }
            for text in never {
                assert!(encode(name, text, EVERY_WORD).is_err(), "{title}: {text} is never {name}");
            }
        }
    }
}

#[test]
fn each_word_allows_its_own_and_nothing_else() {
    let nothing = Forgetting::default();
    let words = [
        (Forgetting { leading_zeros: Dropping::Drop, ..nothing }, "bigint", "007"),
        (Forgetting { trailing_spaces: Dropping::Drop, ..nothing }, "char(4)", "ab "),
        (Forgetting { fraction: FractionTreatment::Round, ..nothing }, "timestamptz(0)", "2024-01-05 10:11:12.5"),
        (Forgetting { repeated_time: RepeatedTime::Earlier, ..nothing }, "timestamptz", "2024-10-27 02:30:00"),
    ];
    for (at, (word, ..)) in words.iter().enumerate() {
        for (position, (_, name, text)) in words.iter().enumerate() {
            assert_eq!(encode(name, text, *word).is_ok(), at == position, "{word:?}: {text} as {name}");
        }
    }
    let later = Forgetting { repeated_time: RepeatedTime::Later, ..nothing };
    assert_ne!(encode(words[3].1, words[3].2, words[3].0), encode(words[3].1, words[3].2, later), "an hour apart");
}

#[test]
fn bytes_are_a_uuid_in_the_order_that_the_spec_says() {
    let bytes = b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";
    let read = |reading| {
        let mut out = Vec::new();
        let encoder = ColumnEncoder::new(&ColumnType::Uuid, reading, &Zone::UTC).unwrap();
        encoder.encode(Cell::Blob(bytes), &mut out).map(|()| out[4..].to_vec())
    };
    assert!(read(Reading::Stored).is_err(), "nobody knows the order");
    let text = |text| encode("uuid", text, Forgetting::default());
    assert_eq!(read(Reading::Uuid), text("00112233-4455-6677-8899-aabbccddeeff"));
    assert_eq!(read(Reading::Guid), text("33221100-5544-7766-8899-aabbccddeeff"));
}

#[test]
fn bytes_of_text_are_what_the_reading_says() {
    let read = |reading, text: &str| {
        let mut out = Vec::new();
        let encoder = ColumnEncoder::new(&ColumnType::Bytea, reading, &Zone::UTC).unwrap();
        encoder.encode(Cell::Text(text.as_bytes()), &mut out).map(|()| out)
    };
    assert!(read(Reading::Stored, "00ff").is_err());
    let bytes = read(Reading::Hex, "00ff").unwrap();
    for spelling in ["00FF", "\\x00ff"] {
        assert_eq!(read(Reading::Hex, spelling).as_ref(), Ok(&bytes), "{spelling}");
    }
    assert_eq!(read(Reading::Base64, "AP8=").as_ref(), Ok(&bytes));
}

#[test]
fn labels_in_another_case_need_a_word() {
    let labels = ["sad", "Größer", "a", "A"].map(str::to_owned);
    let read = |letter_case, text: &str| {
        let mut out = Vec::new();
        let encoder = ColumnEncoder::of_enum(&labels).in_letter_case(letter_case);
        encoder.encode(Cell::Text(text.as_bytes()), &mut out).map(|()| String::from_utf8(out[4..].to_vec()).unwrap())
    };
    assert_eq!(read(Dropping::Refused, "Sad"), Err(BadValue::LetterCase));
    assert_eq!(read(Dropping::Drop, "Sad"), Ok("sad".to_owned()));
    assert_eq!(read(Dropping::Drop, "GRÖSSER"), Err(BadValue::Syntax { wanted: "a label of the enum" }));
    assert_eq!(read(Dropping::Drop, "größer"), Ok("Größer".to_owned()));
    assert_eq!(read(Dropping::Drop, "A"), Ok("A".to_owned()), "what is spelled as a label is that label");
}
