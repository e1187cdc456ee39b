//! Names, conditions and expressions that drafts are made of.

use super::family::Kind;

/// Names of tables, columns, keys and constraints.
pub(super) const NAMES: [&str; 36] = [
    "a",
    "b",
    "c",
    "d",
    "id",
    "ID",
    "users",
    "Order",
    "select",
    "USER",
    "with space",
    "ta'ble",
    "q\"uote",
    "größe",
    "100%",
    "x.y",
    "ctid",
    "xmin",
    "日本語",
    "back`tick",
    "semi;colon",
    "{{ x }}",
    "$dollar",
    "a-b",
    "Group",
    "default",
    "brac]ket",
    "back\\slash",
    "tableoid",
    "CamelCase",
    "camelcase",
    "1st",
    "null",
    "a_name_of_sixty_four_letters_as_long_as_mysql_lets_a_name_be_xxa",
    "a_name_of_sixty_four_letters_as_long_as_mysql_lets_a_name_be_xxb",
    "ä_name_with_umlauts_of_many_bytes_üüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
];

/// Conditions over a column `{c}`.
pub(super) const CONDITIONS: [(&str, &[Kind]); 18] = [
    ("{c} <> 'é' AND {c} <> '😀'", &[Kind::Text]),
    ("{c} NOT IN ('Ã©', '日本')", &[Kind::Text]),
    ("{c} IS NOT NULL OR 1 = 1", &[Kind::Number, Kind::Text, Kind::Bytes, Kind::Moment, Kind::Whole]),
    ("{c} > 0", &[Kind::Number]),
    ("{c} >= -1000000 AND {c} <> 77", &[Kind::Number]),
    ("{c} BETWEEN 0 AND 1000", &[Kind::Number]),
    ("{c} IN (0, 1, 2)", &[Kind::Number]),
    ("{c} % 2 = 0", &[Kind::Number]),
    ("{c} <> ''", &[Kind::Text]),
    ("char_length({c}) < 40", &[Kind::Text]),
    ("length({c}) < 30", &[Kind::Text, Kind::Bytes]),
    ("{c} LIKE 'a%' OR {c} = ''", &[Kind::Text]),
    ("lower({c}) = {c}", &[Kind::Text]),
    ("{c} IN ('a', 'A', 'ABC')", &[Kind::Text]),
    ("{c} NOT REGEXP '^[0-9]+$'", &[Kind::Text]),
    ("{c} >= '1000-01-01'", &[Kind::Moment]),
    ("json_valid({c})", &[Kind::Text, Kind::Whole]),
    ("coalesce({c}, 'x') <> 'it''s'", &[Kind::Text]),
];

/// Expressions of generated columns over a column `{c}`.
pub(super) const GENERATED: [(&str, &str, &[Kind]); 16] = [
    ("VARCHAR(300)", "concat({c}, 'ä😀')", &[Kind::Text]),
    ("VARCHAR(300)", "coalesce({c}, 'é')", &[Kind::Text]),
    ("BIGINT", "{c} + 1", &[Kind::Number]),
    ("DECIMAL(30,4)", "{c} * 1.5", &[Kind::Number]),
    ("DOUBLE", "{c} / 3", &[Kind::Number]),
    ("INT", "{c} IS NULL", &[Kind::Number, Kind::Text, Kind::Moment, Kind::Bytes]),
    ("VARCHAR(300)", "concat({c}, '-x')", &[Kind::Text]),
    ("VARCHAR(300)", "upper({c})", &[Kind::Text]),
    ("VARCHAR(10)", "left({c}, 3)", &[Kind::Text]),
    ("INT", "char_length({c})", &[Kind::Text]),
    ("INT", "length({c})", &[Kind::Text, Kind::Bytes]),
    ("VARCHAR(64)", "hex({c})", &[Kind::Bytes]),
    ("CHAR(32)", "md5({c})", &[Kind::Text]),
    ("VARCHAR(80)", "coalesce({c}, 'none')", &[Kind::Text, Kind::Number]),
    ("SMALLINT", "year({c})", &[Kind::Moment]),
    ("INT", "if({c} > 1, 2, 3)", &[Kind::Number]),
];

pub(super) const ACTIONS: [&str; 8] = [
    "",
    "",
    " ON DELETE CASCADE",
    " ON DELETE SET NULL",
    " ON UPDATE CASCADE",
    " ON DELETE RESTRICT ON UPDATE NO ACTION",
    " ON DELETE NO ACTION",
    " ON DELETE SET NULL ON UPDATE SET NULL",
];

pub(super) const OPTIONS: [&str; 10] = [
    "",
    "",
    "",
    " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    " DEFAULT CHARSET=latin1",
    " ENGINE=MyISAM",
    " COMMENT='it''s a \"table\"'",
    " ROW_FORMAT=DYNAMIC",
    " AUTO_INCREMENT=1000",
    " ENGINE=MEMORY",
];
