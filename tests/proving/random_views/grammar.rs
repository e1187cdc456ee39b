//! Random expressions and views over two tables with awkward values: mostly well typed, sometimes not.

/// The two tables.
pub(crate) const TABLES: &str = "
CREATE TABLE t (
    id INTEGER PRIMARY KEY, n INTEGER, big BIGINT, r REAL, d DECIMAL(10, 2), b BOOLEAN, s TEXT, c TEXT COLLATE NOCASE,
    v VARCHAR(20), day DATE, moment DATETIME, data BLOB, iso TIMESTAMP, mixed DATETIME, at TIME, uid UUID, key UUID,
    price NUMERIC, pad TEXT COLLATE RTRIM
);
INSERT INTO t VALUES
    (1, 0, 9223372036854775807, 0.1, 0.1, 1, '', 'Open', 'x', '2024-02-29', '2024-01-31 23:59:59', x'',
     '2024-01-31T23:59:59.700Z', '2024-02-01T00:00:00', '10:00:00', '0f8fad5b-d9cb-469f-a165-70867728950e', '0F8FAD5B-D9CB-469F-A165-70867728950E', 2.675, 'x'),
    (2, -1, -9223372036854775808, 1e308, 1.25, 0, 'true', 'OPEN', '', '1999-12-31', '2024-02-01 00:00:00', x'00ff',
     '2024-02-01T00:00:00.000Z', '2024-02-01 00:00:00', '00:00:00', '7c9e6679-7425-40de-944b-e07fc1f90ae7', '0f8fad5b-d9cb-469f-a165-70867728950e', 0.125, 'x '),
    (3, 1, 9007199254740993, -0.0, 2, 1, '0', 'closed', '0', '2024-02-29', NULL, x'6162',
     '2024-02-01T00:00:00.001Z', '2024-02-01', '23:59:59', '0f8fad5b-d9cb-469f-a165-70867728950e', '{7c9e6679-7425-40de-944b-e07fc1f90ae7}', 1.005, 'X'),
    (4, 7, 2147483648, -2.5, -3.5, NULL, '1e2', 'é', '1e2', '0001-01-01', '1970-01-01 00:00:00', NULL,
     NULL, '2024-02-01T00:00:00Z', NULL, '0f8fad5b-d9cb-469f-a165-70867728950e', '0F8FAD5B-D9CB-469F-A165-70867728950E', -2.675, ''),
    (5, -7, -1, 2.5, 0.2, 0, ' 5', 'É', 'true', NULL, '2024-12-31 12:30:00', x'6162',
     '1969-12-31T23:59:59.999Z', '2024-02-01 00:00', '10:00:00', '7c9e6679-7425-40de-944b-e07fc1f90ae7', '0f8fad5b-d9cb-469f-a165-70867728950e', 0.3, ' '),
    (6, 2147483647, 0, 0.30000000000000004, 10, 1, '5', 'a_c', 'a%c', '2024-03-01', '2024-02-29 00:00:00', x'35',
     '2024-02-29T00:00:00.000Z', '2024-02-01 00:00:00.000', '12:30:00', '0f8fad5b-d9cb-469f-a165-70867728950e', '{7c9e6679-7425-40de-944b-e07fc1f90ae7}', 7, 'a_c'),
    (7, 36, 5, 1e-7, 99999999.99, 1, 'Abc', 'abc ', 'Ünï', '2000-02-29', '1999-12-31 23:59:59', x'01',
     '2024-02-29T12:00:00.500Z', '2024-01-31 23:59:59.7', '00:00:01', '0f8fad5b-d9cb-469f-a165-70867728950e', '0F8FAD5B-D9CB-469F-A165-70867728950E', 0.1, 'abc '),
    (8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (9, 100, 100, 100.0, 100, 0, 'abc', 'ABC', 'abc ', '2024-01-31', '2024-01-31 23:59:59', x'616263',
     '2024-01-31T23:59:59.700Z', '2024-01-31 23:59:59.700', '10:00:01', '0f8fad5b-d9cb-469f-a165-70867728950e', '{7c9e6679-7425-40de-944b-e07fc1f90ae7}', 1e-3, 'abc'),
    (10, -2147483648, 4611686018427387904, 9007199254740992.0, -0.01, 1, 'ß%_\\', 'open', 'Zz', '2024-02-28',
     '2024-02-29 00:00:01', x'ff',
     '0001-01-01T00:00:00.000Z', '2024-02-01 02:00:00+02:00', '09:59:59', '0f8fad5b-d9cb-469f-a165-70867728950e', '0F8FAD5B-D9CB-469F-A165-70867728950E', 2.5, 'ABC '),
    (11, 5, 3, 4503599627370497.0, 5, 0, 'zebra', NULL, 'Abc', NULL, NULL, NULL,
     '2024-12-31T23:59:59.999Z', '2024-01-31 24:00:00', NULL, '7c9e6679-7425-40de-944b-e07fc1f90ae7', '0f8fad5b-d9cb-469f-a165-70867728950e', -0.005, ' x'),
    (12, 3, 2, -0.5, 0.01, 1, '-1', 'closed', '5', '2024-02-29', '2024-02-01 00:00:00', x'00',
     '2024-02-01T00:00:00.000Z', '1999-12-31', '12:30:00', '0f8fad5b-d9cb-469f-a165-70867728950e', '{7c9e6679-7425-40de-944b-e07fc1f90ae7}', 99.995, 'x  ');
CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INTEGER, k TEXT, m INTEGER, q REAL);
INSERT INTO u VALUES
    (1, 1, 'x', 3, 0.1), (2, 1, 'y', NULL, 0.2), (3, 2, 'abc', -4, 0.3), (4, NULL, NULL, 0, NULL), (5, 9, 'Abc', 10, 5.0),
    (6, 4, '', 3, -1.5), (7, 99, '0', 7, 2.5);
";

/// Numbers that look random and are the same for the same seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }
}

/// What an expression is meant to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Integer,
    Real,
    Decimal,
    Text,
    Truth,
    Date,
    Moment,
    Time,
    Uuid,
    Blob,
}

const SORTS: [Sort; 11] = [
    Sort::Integer,
    Sort::Real,
    Sort::Decimal,
    Sort::Text,
    Sort::Truth,
    Sort::Date,
    Sort::Moment,
    Sort::Moment,
    Sort::Time,
    Sort::Uuid,
    Sort::Blob,
];

/// A condition for a CHECK or a partial index.
pub(crate) fn condition(dice: &mut Dice) -> String {
    truth(dice, 2)
}

/// A view's SELECT.
pub(crate) fn view(dice: &mut Dice) -> String {
    let truth = |dice: &mut Dice| truth(dice, 2);
    match dice.below(19) {
        18 => super::named::view(dice),
        16 => {
            let one = dice.of(&["moment", "iso", "mixed", "day", "uid", "key", "at"]);
            let two = dice.of(&["moment", "iso", "mixed", "day", "uid", "key", one, one]);
            let operator = dice.of(&["=", "<", ">="]);
            format!("SELECT t.id, o.id AS other FROM t JOIN t AS o ON t.{one} {operator} o.{two}")
        }
        17 => {
            let sort = [Sort::Moment, Sort::Moment, Sort::Uuid, Sort::Date, Sort::Time, Sort::Text][dice.below(6)];
            let direction = dice.of(&["", " DESC"]);
            format!("SELECT id FROM t ORDER BY {}{direction}, id LIMIT 5", any(dice, sort, 1))
        }
        0..=5 => {
            let sort = SORTS[dice.below(SORTS.len())];
            format!("SELECT id, {} AS x FROM t", any(dice, sort, 3))
        }
        6..=8 => format!("SELECT id FROM t WHERE {}", truth(dice)),
        9 => {
            let (key, sort) = (grouped(dice), number(dice));
            let sort = any(dice, sort, 1);
            let aggregate = dice.of(&["count", "sum", "min", "max", "avg", "total"]);
            let distinct = if dice.one_in(4) { "DISTINCT " } else { "" };
            let having = if dice.one_in(3) { " HAVING count(*) > 1" } else { "" };
            format!("SELECT {key} AS g, {aggregate}({distinct}{sort}) AS x FROM t GROUP BY {key}{having}")
        }
        10 => {
            let (aggregate, argument) = (dice.of(&["min", "max", "count"]), SORTS[dice.below(SORTS.len())]);
            let filter = if dice.one_in(3) { format!(" FILTER (WHERE {})", truth(dice)) } else { String::new() };
            format!("SELECT {aggregate}({}){filter} AS x, count(*) AS n FROM t", any(dice, argument, 1))
        }
        11 => {
            let sort = SORTS[dice.below(SORTS.len())];
            format!("SELECT DISTINCT {} AS x FROM t", any(dice, sort, 2))
        }
        12 => {
            let join = dice.of(&["JOIN", "LEFT JOIN", "RIGHT JOIN"]);
            let on = dice.of(&[
                "u.t_id = t.id",
                "u.k = t.s",
                "u.m = t.n",
                "t.c = u.k",
                "u.q = t.r",
                "u.k = t.v",
                "u.q < t.n",
            ]);
            format!(
                "SELECT t.id, u.id AS other, t.s || u.k AS x FROM t {join} u ON {on} AND ({})",
                truth(dice).replace("id ", "t.id ")
            )
        }
        13 => {
            let sort = SORTS[dice.below(SORTS.len())];
            let word = dice.of(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
            let other = if dice.one_in(4) { SORTS[dice.below(SORTS.len())] } else { sort };
            format!("SELECT {} AS x FROM t {word} SELECT {} FROM t", any(dice, sort, 1), any(dice, other, 1))
        }
        14 => {
            let condition = dice.of(&["u.t_id = t.id", "u.m = t.n", "u.k = t.c", "u.k = t.s", "u.q > t.r"]);
            let not = dice.of(&["", "NOT "]);
            let of = dice.of(&["id", "n", "big"]);
            match dice.below(3) {
                0 => format!("SELECT id FROM t WHERE {not}EXISTS (SELECT 1 FROM u WHERE {condition})"),
                1 => format!("SELECT id, (SELECT count(*) FROM u WHERE {condition}) + {of} AS x FROM t"),
                _ => {
                    let (one, many) = (dice.of(&["n", "id", "s", "c", "r", "v"]), dice.of(&["m", "t_id", "k", "q"]));
                    format!("SELECT id FROM t WHERE {one} {not}IN (SELECT {many} FROM u WHERE {many} IS NOT NULL)")
                }
            }
        }
        _ => {
            let (one, sort) = (number(dice), SORTS[dice.below(SORTS.len())]);
            let inner = format!("SELECT id, {} AS y, {} AS z FROM t", any(dice, one, 1), any(dice, sort, 1));
            let compared = dice.of(&["y > 1", "y = '1'", "z = '0'", "z IS NOT NULL", "y IN (0, 1, '7')", "z < 'b'"]);
            format!("SELECT id, y, z FROM ({inner}) AS d WHERE {compared}")
        }
    }
}

fn grouped(dice: &mut Dice) -> String {
    let sort = SORTS[dice.below(SORTS.len())];
    if dice.one_in(2) {
        any(dice, sort, 1)
    } else {
        dice.of(&["b", "n % 2", "s", "c", "day", "b IS NULL", "id / 4"]).to_owned()
    }
}

fn number(dice: &mut Dice) -> Sort {
    [Sort::Integer, Sort::Integer, Sort::Real, Sort::Decimal][dice.below(4)]
}

/// An expression that is meant to give this; one in twelve gives something else.
fn any(dice: &mut Dice, sort: Sort, depth: usize) -> String {
    let sort = if dice.one_in(12) { SORTS[dice.below(SORTS.len())] } else { sort };
    match sort {
        Sort::Integer => integer(dice, depth),
        Sort::Real => real(dice, depth),
        Sort::Decimal => decimal(dice, depth),
        Sort::Text => text(dice, depth),
        Sort::Truth => truth(dice, depth),
        Sort::Date | Sort::Moment | Sort::Time | Sort::Uuid | Sort::Blob => chosen(dice, sort, depth),
    }
}

pub(super) fn leaf(dice: &mut Dice, sort: Sort) -> String {
    let is_column = dice.one_in(2);
    let choices: &[&str] = match (sort, is_column) {
        (Sort::Integer, true) => &["n", "id", "n", "id", "big"],
        (Sort::Integer, false) => {
            &["0", "1", "-1", "7", "36", "2147483648", "9223372036854775807", "NULL", "0x10", "TRUE", "5"]
        }
        (Sort::Real, true) => &["r"],
        (Sort::Real, false) => {
            &["0.1", "0.2", "0.01", "1.5", "-2.5", "1e3", "2.0", "0.0", "9007199254740993.0", "NULL"]
        }
        (Sort::Decimal, true) => &["d", "d", "price"],
        (Sort::Decimal, false) => &["0.1", "1.25", "2", "10", "0.30"],
        (Sort::Text, true) => &["s", "s", "v", "c", "pad"],
        (Sort::Text, false) => {
            &["'true'", "'0'", "''", "'abc'", "'Abc'", "'1e2'", "' 5'", "'open'", "\"word\"", "'é'", "'it''s'", "NULL"]
        }
        (Sort::Truth, true) => &["b"],
        (Sort::Truth, false) => &["TRUE", "FALSE", "1", "0", "'true'", "'1'", "NULL"],
        (Sort::Date, true) => &["day"],
        (Sort::Date, false) => &["'2024-02-29'", "'1999-12-31'", "'2024-02-30'", "'2024'", "'2024-02-29 00:00:00'"],
        (Sort::Moment, true) => &["moment", "moment", "iso", "iso", "mixed"],
        (Sort::Moment, false) => &[
            "'2024-02-01 00:00:00'",
            "'2024-01-31'",
            "'2024-02-29 00:00:00'",
            "''",
            "'2024-02-01T00:00:00'",
            "'2024-02-01T00:00:00.000Z'",
            "'2024-01-31T23:59:59.7'",
            "'2024-02-01 00:00'",
            "'2024-02-01 00:00:00.000'",
            "'2024-02-01 00:00:00Z'",
            "'2024-02-01'",
        ],
        (Sort::Time, true) => &["at"],
        (Sort::Time, false) => &["'10:00:00'", "'10:00'", "'00:00:00.0'", "'23:59:59'"],
        (Sort::Uuid, true) => &["uid", "uid", "key"],
        (Sort::Uuid, false) => &[
            "'0f8fad5b-d9cb-469f-a165-70867728950e'",
            "'0F8FAD5B-D9CB-469F-A165-70867728950E'",
            "'{7c9e6679-7425-40de-944b-e07fc1f90ae7}'",
        ],
        (Sort::Blob, true) => &["data"],
        (Sort::Blob, false) => &["x'6162'", "x''", "'ab'"],
    };
    dice.of(choices).to_owned()
}

/// A value of this sort, chosen by a condition or the first that is not NULL.
fn chosen(dice: &mut Dice, sort: Sort, depth: usize) -> String {
    if depth == 0 || dice.one_in(3) {
        return leaf(dice, sort);
    }
    match dice.below(6) {
        0 => format!("coalesce({}, {})", any(dice, sort, depth - 1), any(dice, sort, depth - 1)),
        1 => format!("nullif({}, {})", any(dice, sort, depth - 1), any(dice, sort, depth - 1)),
        2 => format!("iif({}, {}, {})", truth(dice, depth - 1), any(dice, sort, depth - 1), any(dice, sort, depth - 1)),
        3 => format!(
            "CASE WHEN {} THEN {} ELSE {} END",
            truth(dice, depth - 1),
            any(dice, sort, depth - 1),
            any(dice, sort, depth - 1)
        ),
        4 => {
            let of = SORTS[dice.below(SORTS.len())];
            format!(
                "CASE {} WHEN {} THEN {} WHEN {} THEN {} END",
                any(dice, of, depth - 1),
                leaf(dice, of),
                any(dice, sort, depth - 1),
                leaf(dice, of),
                any(dice, sort, depth - 1)
            )
        }
        _ => leaf(dice, sort),
    }
}

fn between_parentheses(dice: &mut Dice, text: String) -> String {
    if dice.one_in(3) { format!("({text})") } else { text }
}

fn integer(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return leaf(dice, Sort::Integer);
    }
    let next = depth - 1;
    let written = match dice.below(13) {
        0..=3 => {
            let operator = dice.of(&["+", "-", "*", "/", "%"]);
            format!("{} {operator} {}", integer(dice, next), integer(dice, next))
        }
        4 => format!("-({})", integer(dice, next)),
        5 => format!("abs({})", integer(dice, next)),
        6 => format!("length({})", text(dice, next)),
        7 => format!("instr({}, {})", text(dice, next), text(dice, next)),
        8 => format!("CAST({} AS INTEGER)", real(dice, next)),
        9 => format!("{} + {}", truth_in_parentheses(dice, next), integer(dice, next)),
        10 => format!("+{}", leaf(dice, Sort::Integer)),
        _ => chosen(dice, Sort::Integer, depth),
    };
    between_parentheses(dice, written)
}

fn real(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return leaf(dice, Sort::Real);
    }
    let next = depth - 1;
    let written = match dice.below(10) {
        9 => format!("round({}, 2)", real(dice, next)),
        0..=2 => {
            let operator = dice.of(&["+", "-", "*", "/"]);
            let other = number(dice);
            format!("{} {operator} {}", real(dice, next), any(dice, other, next))
        }
        3 => format!("round({})", real(dice, next)),
        4 => format!("CAST({} AS REAL)", integer(dice, next)),
        5 => format!("abs({})", real(dice, next)),
        6 => format!("-({})", real(dice, next)),
        _ => chosen(dice, Sort::Real, depth),
    };
    between_parentheses(dice, written)
}

fn decimal(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return leaf(dice, Sort::Decimal);
    }
    let next = depth - 1;
    match dice.below(7) {
        0 | 1 => {
            let (operator, other) = (dice.of(&["+", "-", "*", "/"]), number(dice));
            let written = format!("{} {operator} {}", decimal(dice, next), any(dice, other, next));
            between_parentheses(dice, written)
        }
        2 => format!("abs({})", decimal(dice, next)),
        3 => format!("CAST({} AS REAL)", decimal(dice, next)),
        4 => format!("round({}, {})", decimal(dice, next), dice.of(&["1", "2", "2", "4"])),
        _ => chosen(dice, Sort::Decimal, depth),
    }
}

pub(super) fn text(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return leaf(dice, Sort::Text);
    }
    let next = depth - 1;
    match dice.below(13) {
        0 | 1 => {
            let other = if dice.one_in(3) { Sort::Integer } else { Sort::Text };
            let written = format!("{} || {}", text(dice, next), any(dice, other, next));
            between_parentheses(dice, written)
        }
        2 => format!("{}({})", dice.of(&["upper", "lower", "trim", "ltrim", "rtrim"]), text(dice, next)),
        3 => format!("substr({}, {}, {})", text(dice, next), dice.of(&["1", "2", "3"]), dice.of(&["1", "2", "0"])),
        4 => format!("replace({}, {}, {})", text(dice, next), leaf(dice, Sort::Text), leaf(dice, Sort::Text)),
        5 => format!("trim({}, {})", text(dice, next), leaf(dice, Sort::Text)),
        6 => format!("CAST({} AS TEXT)", integer(dice, next)),
        7 => {
            let of = SORTS[dice.below(SORTS.len())];
            format!("typeof({})", any(dice, of, next))
        }
        8 => format!("strftime('%Y-%m', {})", dice.of(&["moment", "day"])),
        9 => format!("{}({})", dice.of(&["date", "time", "datetime"]), dice.of(&["moment", "day", "iso", "mixed"])),
        10 => {
            let format = dice.of(&["'%d.%m.%Y'", "'%H:%M'", "'%Y-%j'"]);
            format!("strftime({format}, {})", dice.of(&["moment", "day"]))
        }
        _ => chosen(dice, Sort::Text, depth),
    }
}

fn truth_in_parentheses(dice: &mut Dice, depth: usize) -> String {
    format!("({})", truth(dice, depth))
}

fn truth(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return match dice.below(3) {
            0 => leaf(dice, Sort::Truth),
            _ => comparison(dice, 0),
        };
    }
    let next = depth - 1;
    let written = match dice.below(14) {
        0..=3 => comparison(dice, next),
        4 => format!("{} AND {}", truth(dice, next), truth(dice, next)),
        5 => format!("{} OR {}", truth(dice, next), truth(dice, next)),
        6 => format!("NOT {}", truth_in_parentheses(dice, next)),
        7 => {
            let sort = SORTS[dice.below(SORTS.len())];
            format!("{} {}", any(dice, sort, next), dice.of(&["IS NULL", "IS NOT NULL"]))
        }
        8 => {
            let sort = SORTS[dice.below(SORTS.len())];
            let not = dice.of(&["", "NOT "]);
            let items = (0..=dice.below(3)).map(|_| leaf(dice, sort)).collect::<Vec<_>>().join(", ");
            format!("{} {not}IN ({items})", any(dice, sort, next))
        }
        9 => {
            let sort = SORTS[dice.below(SORTS.len())];
            let not = dice.of(&["", "NOT "]);
            format!("{} {not}BETWEEN {} AND {}", any(dice, sort, next), leaf(dice, sort), leaf(dice, sort))
        }
        10 => {
            let pattern = dice.of(&["'%a%'", "'ABC'", "'_e%'", "''", "'%'", "'5_'", "'%\\%%' ESCAPE '\\'", "'É'"]);
            format!("{} {}LIKE {pattern}", text(dice, next), dice.of(&["", "NOT "]))
        }
        11 => format!("{} GLOB {}", text(dice, next), dice.of(&["'*b*'", "'[a-z]*'", "'A??'", "'[^0-9]*'", "''"])),
        12 => format!("{} {}", truth_in_parentheses(dice, next), dice.of(&["IS TRUE", "IS NOT TRUE", "IS FALSE"])),
        _ => chosen(dice, Sort::Truth, depth),
    };
    between_parentheses(dice, written)
}

fn comparison(dice: &mut Dice, depth: usize) -> String {
    let sort = SORTS[dice.below(SORTS.len())];
    let operator = dice.of(&["=", "<>", "<", "<=", ">", ">=", "==", "!="]);
    // Numbers of different sorts meet often.
    let other = if matches!(sort, Sort::Integer | Sort::Real | Sort::Decimal) { number(dice) } else { sort };
    let collate =
        if sort == Sort::Text && dice.one_in(8) { dice.of(&[" COLLATE NOCASE", " COLLATE BINARY"]) } else { "" };
    format!("{} {operator} {}{collate}", any(dice, sort, depth), any(dice, other, depth))
}
