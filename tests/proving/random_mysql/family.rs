//! Kinds of columns: their types, the literals of rows that hurt, and the spellings of their defaults.

use super::dice::Dice;

/// A kind of column.
#[derive(Debug)]
pub(crate) struct Family {
    types: &'static [&'static str],
    values: &'static [&'static str],
    defaults: &'static [&'static str],
    pub(crate) kind: Kind,
}

/// What can be made of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Bytes,
    Moment,
    /// Types in which no key begins.
    Whole,
    /// Types that MySQL itself does not have.
    MariaDb,
}

const INTEGERS: Family = Family {
    types: &[
        "TINYINT",
        "TINYINT(1)",
        "BOOLEAN",
        "TINYINT UNSIGNED",
        "SMALLINT",
        "SMALLINT UNSIGNED",
        "MEDIUMINT",
        "MEDIUMINT UNSIGNED",
        "INT",
        "INT(11)",
        "INT UNSIGNED",
        "INT(6) UNSIGNED ZEROFILL",
        "BIGINT",
        "BIGINT(20) UNSIGNED",
    ],
    values: &[
        "0",
        "1",
        "1",
        "2",
        "3",
        "-1",
        "42",
        "127",
        "128",
        "-128",
        "255",
        "32767",
        "-32768",
        "65535",
        "8388607",
        "16777215",
        "2147483647",
        "-2147483648",
        "4294967295",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
    ],
    defaults: &["0", "1", "'1'", "-1", "'0'", "NULL", "(1 + 1)", "TRUE", "''", "0x41", "b'101'"],
    kind: Kind::Number,
};

const DECIMALS: Family = Family {
    types: &[
        "DECIMAL(10,2)",
        "DECIMAL(65,30)",
        "DECIMAL(65,0)",
        "DECIMAL(5,5)",
        "DECIMAL(20,0) UNSIGNED",
        "NUMERIC",
        "DECIMAL(12,4) ZEROFILL",
        "DECIMAL(38,38)",
    ],
    values: &[
        "0",
        "-0.00",
        "1.50",
        "-1.005",
        "99999999.99",
        "-99999999.99",
        "0.00001",
        "1e30",
        "-1e34",
        "99999999999999999999999999999999999.999999999999999999999999999999",
        "0.000000000000000000000000000001",
        "12345678901234567890",
        "1e64",
    ],
    defaults: &["0", "0.00", "'1.50'", "-1.5", "NULL", "1e2", "(1.5 * 2)", "000.10"],
    kind: Kind::Number,
};

const FLOATS: Family = Family {
    types: &["FLOAT", "DOUBLE", "FLOAT(7,3)", "DOUBLE(10,2)", "DOUBLE UNSIGNED", "REAL", "FLOAT(24)", "FLOAT(53)"],
    values: &[
        "0",
        "-0e0",
        "1",
        "0.1",
        "-0.1",
        "3.14159265358979323846",
        "1.7976931348623157e308",
        "-1.7976931348623157e308",
        "5e-324",
        "2.2250738585072014e-308",
        "3.4028234e38",
        "3.402823466e38",
        "1.4e-45",
        "1.17549435e-38",
        "16777217",
        "9007199254740993",
        "1e15",
        "1e16",
        "123456.789e-3",
    ],
    defaults: &["0", "'0'", "1.5", "-1e-5", "NULL", "1e300", "(rand())", "3.1415926535"],
    kind: Kind::Number,
};

const BITS: Family = Family {
    types: &["BIT(1)", "BIT(8)", "BIT(17)", "BIT(63)", "BIT(64)", "BIT"],
    values: &["b'0'", "b'1'", "b'101'", "0xff", "0xffffffffffffffff", "0x7fffffffffffffff", "0"],
    defaults: &["b'0'", "b'1'", "1", "0", "NULL", "0x1"],
    kind: Kind::Whole,
};

const TEXTS: Family = Family {
    types: &[
        "CHAR(1)",
        "CHAR(10)",
        "VARCHAR(1)",
        "VARCHAR(20)",
        "VARCHAR(64)",
        "VARCHAR(255)",
        "VARCHAR(0)",
        "TINYTEXT",
        "TEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
    ],
    values: &[
        "''",
        "' '",
        "'a'",
        "'A'",
        "'a '",
        "'a  '",
        "' a'",
        "'abc'",
        "'ABC'",
        "'äöü€'",
        "'é'",
        "'e'",
        "'É'",
        "'ß'",
        "'ss'",
        "'😀'",
        "'🚀x'",
        "'日本語'",
        "'it''s'",
        "'say \"hi\"'",
        "'back\\slash \\n \\N'",
        "'NULL'",
        "'\\N'",
        "'0'",
        "'1'",
        "'0000-00-00'",
        "'100%'",
        "'{}'",
        "'a,b'",
        "'{{ x }}'",
        "'$1 :x ?'",
        "'Ä'",
        "'ä'",
        "'tab\tand\nline\r'",
        "'Ω'",
        "'ﬁ'",
        "'fi'",
        "'I'",
        "'ı'",
        "'İ'",
        "'\u{AD}'",
        "'e\u{301}'",
        "repeat('x', 20)",
        "repeat('é', 64)",
        "repeat('long ', 40)",
        "char(1)",
        "'ff\u{c}vt\u{b}'",
    ],
    defaults: &[
        "''",
        "'a'",
        "'it''s'",
        "' '",
        "'NULL'",
        "NULL",
        "'back\\slash'",
        "'ä€'",
        "1",
        "'\"q\"'",
        "(concat('a', 'b'))",
        "'😀'",
        "'current_timestamp()'",
        "_utf8mb4'x'",
        "'%s'",
        "'a\nb'",
        "0x41",
        "(uuid())",
    ],
    kind: Kind::Text,
};

const BYTES: Family = Family {
    types: &[
        "BINARY(1)",
        "BINARY(16)",
        "VARBINARY(20)",
        "VARBINARY(255)",
        "TINYBLOB",
        "BLOB",
        "MEDIUMBLOB",
        "LONGBLOB",
        "VARCHAR(20) CHARACTER SET binary",
    ],
    values: &[
        "''",
        "x''",
        "x'00'",
        "x'0000'",
        "x'00ff5c27220a0d'",
        "'text'",
        "'TEXT'",
        "'text '",
        "x'80'",
        "x'fffe'",
        "repeat(x'00', 16)",
        "x'5c4e'",
        "' '",
        "unhex(repeat('f0', 20))",
    ],
    defaults: &["''", "'a'", "x'00'", "NULL", "0xff", "'it''s'", "x'5c'"],
    kind: Kind::Bytes,
};

const DATES: Family = Family {
    types: &["DATE"],
    values: &[
        "'2024-02-29'",
        "'1970-01-01'",
        "'9999-12-31'",
        "'1000-01-01'",
        "'0001-01-01'",
        "'0000-00-00'",
        "'2020-00-01'",
        "'2020-02-00'",
        "'1582-10-10'",
        "'2000-01-01'",
        "'0000-01-01'",
    ],
    defaults: &[
        "'0000-00-00'",
        "'2000-01-01'",
        "NULL",
        "(curdate())",
        "'1000-01-01'",
        "20200101",
        "(current_date + interval 1 day)",
    ],
    kind: Kind::Moment,
};

const DATETIMES: Family = Family {
    types: &["DATETIME", "DATETIME(3)", "DATETIME(6)", "DATETIME(1)"],
    values: &[
        "'2024-02-29 23:59:59.999999'",
        "'1970-01-01 00:00:00'",
        "'9999-12-31 23:59:59'",
        "'1000-01-01 00:00:00.5'",
        "'0000-00-00 00:00:00'",
        "'2020-00-00 12:00:00'",
        "'2024-03-31 02:30:00'",
        "'2000-01-01 00:00:00.123456'",
        "'0001-01-01 00:00:00'",
        "'2020-01-02 03:04:05.1'",
    ],
    defaults: &[
        "'0000-00-00 00:00:00'",
        "CURRENT_TIMESTAMP",
        "NOW()",
        "NULL",
        "'2000-01-01'",
        "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
        "(utc_timestamp())",
        "'1970-01-01 00:00:01'",
        "'0000-00-00 00:00:00' ON UPDATE NOW()",
        "(now() + interval 1 hour)",
    ],
    kind: Kind::Moment,
};

const TIMESTAMPS: Family = Family {
    types: &["TIMESTAMP", "TIMESTAMP(6)", "TIMESTAMP(2)", "TIMESTAMP NULL"],
    values: &[
        "'2024-02-29 23:59:59.999999'",
        "'1970-01-01 00:00:01'",
        "'2038-01-19 03:14:07'",
        "'0000-00-00 00:00:00'",
        "'2024-03-31 02:30:00'",
        "'2000-01-01 00:00:00.123456'",
        "'2037-12-31 23:59:59.99'",
    ],
    defaults: &[
        "'0000-00-00 00:00:00'",
        "CURRENT_TIMESTAMP",
        "NULL",
        "'2000-01-01'",
        "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
        "NOW()",
        "LOCALTIME",
        "0",
    ],
    kind: Kind::Moment,
};

const TIMES: Family = Family {
    types: &["TIME", "TIME(6)", "TIME(3)"],
    values: &[
        "'00:00:00'",
        "'23:59:59.999999'",
        "'24:00:00'",
        "'838:59:59'",
        "'-838:59:59'",
        "'-00:00:01'",
        "'12:34:56.5'",
        "'00:00:00.000001'",
        "'100:00:00'",
        "'-12:00:00.25'",
    ],
    defaults: &["'00:00:00'", "NULL", "'12:00'", "'-01:00:00'", "'100:00:00'", "(curtime())", "0"],
    kind: Kind::Moment,
};

const YEARS: Family = Family {
    types: &["YEAR", "YEAR(4)"],
    values: &["0", "1901", "2155", "2024", "1970"],
    defaults: &["2000", "'2000'", "NULL", "0", "'1999'"],
    kind: Kind::Number,
};

const ENUMS: Family = Family {
    types: &[
        "ENUM('a','b','c')",
        "ENUM('draft','Published','in review')",
        "ENUM('draft','Published','in review')",
        "ENUM('it''s','a,b','\"q\"','b\\s','ä','')",
        "ENUM('0','1','2')",
        "ENUM('NULL','true','{{ x }}','%')",
        "ENUM('日本','ö','x y')",
        "ENUM('a_label_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps_of_names','short')",
        "ENUM('N','Y') CHARACTER SET latin1",
        "ENUM('a','b') CHARACTER SET binary",
    ],
    values: &["1", "2", "1", "2", "3", "1", "2", "'nothing of the kind'", "4"],
    defaults: &["'a'", "'draft'", "NULL", "'0'", "'it''s'", "'N'", "1", "'日本'"],
    kind: Kind::Number,
};

const SETS: Family = Family {
    types: &[
        "SET('a','b','c')",
        "SET('it''s','\"q\"','b\\s','ä')",
        "SET('x','y') CHARACTER SET latin1",
        "SET('','full')",
        "SET('{','}','NULL')",
    ],
    values: &["0", "1", "2", "3", "5", "7", "'a,b'", "''"],
    defaults: &["''", "'a'", "'a,b'", "NULL", "'x'"],
    kind: Kind::Number,
};

const JSONS: Family = Family {
    types: &["JSON"],
    values: &[
        "'{}'",
        "'[]'",
        "'null'",
        "'true'",
        "'12'",
        "'-0.0'",
        "'1.50'",
        "'\"text\"'",
        "'{\"a\": {\"b\": [1, 2.0, \"x\"]}}'",
        "'{\"a\":1,\"é\":\"\\u00e9\"}'",
        "'\"\\ud83d\\ude00\"'",
        "' [1 , 2 ] '",
        "'{\"\": \"\"}'",
        "'123456789012345678901234567890'",
        "'1e300'",
        "'\"it''s\"'",
        "'{\"b\":1,\"aa\":2}'",
        "'\"\\u0000\"'",
        "'{\"a\":1,\"a\":2}'",
        "'[0.1, 1e-7, 100000000000000000000]'",
    ],
    defaults: &["NULL", "('{}')", "(json_object())", "(json_array())", "'{}'"],
    kind: Kind::Whole,
};

const OTHERS: Family = Family {
    types: &["UUID", "INET6"],
    values: &[
        "'00000000-0000-0000-0000-000000000000'",
        "'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'",
        "'FFFFFFFF-FFFF-1FFF-8FFF-FFFFFFFFFFFF'",
        "'::1'",
        "'fe80::1'",
        "'::ffff:10.0.0.1'",
        "'2001:db8::ff00:42:8329'",
        "'::'",
        "'::10.1.2.3'",
    ],
    defaults: &["NULL", "'::1'", "(uuid())", "'00000000-0000-0000-0000-000000000000'"],
    kind: Kind::MariaDb,
};

const SHAPES: Family = Family {
    types: &["POINT", "GEOMETRY", "POLYGON", "LINESTRING"],
    values: &[
        "ST_GeomFromText('POINT(1 2)')",
        "ST_GeomFromText('POINT(-0.5 1e300)')",
        "ST_GeomFromText('LINESTRING(0 0, 1 1)')",
        "ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')",
        "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')",
    ],
    defaults: &["NULL"],
    kind: Kind::Whole,
};

const ALL: [(&Family, usize); 15] = [
    (&INTEGERS, 8),
    (&DECIMALS, 3),
    (&FLOATS, 3),
    (&BITS, 2),
    (&TEXTS, 10),
    (&BYTES, 3),
    (&DATES, 2),
    (&DATETIMES, 3),
    (&TIMESTAMPS, 2),
    (&TIMES, 2),
    (&YEARS, 1),
    (&ENUMS, 3),
    (&SETS, 2),
    (&JSONS, 2),
    (&OTHERS, 1),
];

/// Character sets and collations that both servers have, then those of MariaDB and of MySQL alone.
const COLLATIONS: [&[&str]; 3] = [
    &[
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_swedish_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_german2_ci",
        "CHARACTER SET latin1 COLLATE latin1_swedish_ci",
        "CHARACTER SET latin1 COLLATE latin1_general_cs",
        "CHARACTER SET latin1 COLLATE latin1_bin",
        "CHARACTER SET ascii",
        "CHARACTER SET gbk",
        "CHARACTER SET ucs2",
        "CHARACTER SET utf16",
        "CHARACTER SET utf32",
        "CHARACTER SET cp1251",
        "CHARACTER SET sjis",
        "CHARACTER SET big5",
        "CHARACTER SET latin2 COLLATE latin2_czech_cs",
    ],
    &[
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_cs",
        "CHARACTER SET latin1 COLLATE latin1_german2_ci",
    ],
    &[
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_ja_0900_as_cs",
    ],
];

impl Family {
    /// One of them, for a server.
    pub(crate) fn draw(dice: &mut Dice, is_mariadb: bool) -> &'static Family {
        if dice.chance(3) {
            return &SHAPES;
        }
        let total = ALL.iter().map(|(_, weight)| weight).sum();
        loop {
            let mut at = dice.below(total);
            for (family, weight) in ALL {
                if at < weight && (is_mariadb || family.kind != Kind::MariaDb) {
                    return family;
                }
                at = at.saturating_sub(weight);
            }
        }
    }

    /// A type with its character set.
    pub(crate) fn draw_type(&self, dice: &mut Dice, is_mariadb: bool) -> String {
        let name = *dice.pick(self.types);
        if self.kind != Kind::Text || dice.chance(30) {
            return name.to_owned();
        }
        let of_server = COLLATIONS[if is_mariadb { 1 } else { 2 }];
        let collation = if dice.chance(70) { dice.pick(COLLATIONS[0]) } else { dice.pick(of_server) };
        format!("{name} {collation}")
    }

    pub(crate) fn draw_value(&self, dice: &mut Dice, is_nullable: bool) -> String {
        if is_nullable && dice.chance(12) {
            return "NULL".to_owned();
        }
        (*dice.pick(self.values)).to_owned()
    }

    pub(crate) fn draw_default(&self, dice: &mut Dice) -> String {
        (*dice.pick(self.defaults)).to_owned()
    }
}
