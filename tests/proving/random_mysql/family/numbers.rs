//! Numbers: types, literals, defaults.

use super::{Family, Kind};

pub(super) const INTEGERS: Family = Family {
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

pub(super) const DECIMALS: Family = Family {
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

pub(super) const FLOATS: Family = Family {
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

pub(super) const BITS: Family = Family {
    types: &["BIT(1)", "BIT(8)", "BIT(17)", "BIT(63)", "BIT(64)", "BIT"],
    values: &["b'0'", "b'1'", "b'101'", "0xff", "0xffffffffffffffff", "0x7fffffffffffffff", "0"],
    defaults: &["b'0'", "b'1'", "1", "0", "NULL", "0x1"],
    kind: Kind::Whole,
};

pub(super) const YEARS: Family = Family {
    types: &["YEAR", "YEAR(4)"],
    values: &["0", "1901", "2155", "2024", "1970"],
    defaults: &["2000", "'2000'", "NULL", "0", "'1999'"],
    kind: Kind::Number,
};
