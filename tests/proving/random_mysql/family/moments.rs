//! Dates and times: types, literals, defaults.

use super::{Family, Kind};

pub(super) const DATES: Family = Family {
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

pub(super) const DATETIMES: Family = Family {
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

pub(super) const TIMESTAMPS: Family = Family {
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

pub(super) const TIMES: Family = Family {
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
