//! Random views over two tables with awkward values: mostly well typed, sometimes not.

pub(super) use crate::random_views::Dice;

/// The two tables. The texts differ in case, accents and spaces at the end, the numbers are at the ends of their types, the
/// dates at the ends of months.
pub(super) const TABLES: &str = "
SET sql_mode = '';
CREATE TABLE t (
    id INT PRIMARY KEY, n INT, w TINYINT, u INT UNSIGNED, big BIGINT, d DECIMAL(10,2), e DECIMAL(8,3), f DOUBLE, b TINYINT(1),
    s VARCHAR(20), c VARCHAR(20) COLLATE utf8mb4_bin, x VARCHAR(20) COLLATE utf8mb4_nopad_bin, k ENUM('open','Closed','née'),
    day DATE, moment DATETIME, at TIMESTAMP NULL
);
INSERT INTO t VALUES
 (1, 0, 0, 0, 9223372036854775807, 0.10, 0.001, 0.1, 1, '', 'Open', 'x', 'open', '2024-02-29', '2024-01-31 23:59:59', '2024-01-31 23:59:59'),
 (2, -1, -128, 7, -9223372036854775808, -1.25, 1.005, 1e30, 0, 'Open', 'open ', 'x ', 'Closed', '1999-12-31', '2024-02-01 00:00:00', '2024-02-01 00:00:00'),
 (3, 1, 127, 3, 9007199254740993, 2.00, -1.005, -0.5, 1, 'OPEN', 'open', 'X', 'open', '2024-02-29', NULL, NULL),
 (4, 7, 7, 4294967295, 2147483648, -3.50, 99999.999, -2.5, NULL, 'open ', 'a_c', 'é', 'née', '1000-01-01', '1970-01-01 00:00:00', '1999-01-01 00:00:00'),
 (5, -7, -7, 2, -1, 0.20, 0.005, 2.5, 0, 'née', 'a%c', 'É', 'née', NULL, '2024-12-31 12:30:00', '2024-12-31 12:30:00'),
 (6, 2147483647, 3, 1, 0, 99999999.99, -0.005, 100, 1, 'nee', '5', 'e', NULL, '2024-03-01', '2024-02-29 00:00:00', '2024-02-29 00:00:00'),
 (7, 36, NULL, NULL, 5, 0.01, 2.675, 1e-7, 1, 'zoe', 'zoe', 'zoe', 'open', '2000-02-29', '1999-12-31 23:59:59', '2000-12-31 23:59:59'),
 (8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (9, 100, 100, 100, 100, 100.00, 0.125, 100.5, 0, ' x', ' x', ' x', 'Closed', '2024-01-31', '2024-01-31 23:59:59', '2024-01-31 23:59:59'),
 (10, -2147483648, 1, 36, 4611686018427387904, -99999999.99, 2.500, 9007199254740992, 1, 'Zoe ', 'Zoe', 'zoe ', 'open', '2024-02-28', '2024-02-29 00:00:01', '2024-02-29 00:00:01'),
 (11, 5, 2, 5, 3, 5.00, 33.333, 4503599627370497, 0, '5', '', '', 'née', NULL, NULL, NULL),
 (12, 3, 1, 3, 2, 0.30, -33.333, -0.25, 1, NULL, NULL, NULL, 'Closed', '9999-12-31', '9999-12-31 23:59:59', '2030-01-01 00:00:00');
CREATE TABLE o (id INT PRIMARY KEY, t_id INT, s VARCHAR(20), m INT, q DECIMAL(6,1), k ENUM('open','Closed','née'));
INSERT INTO o VALUES (1,1,'open',3,0.1,'open'),(2,1,'NEE',NULL,-0.2,'née'),(3,2,'x',-4,0.3,NULL),(4,NULL,NULL,0,NULL,'open'),(5,9,'OPEN  ',10,5.0,'Closed'),(6,4,'',3,-1.5,'open'),(7,99,'zoe',7,2.5,'née');
";

type Made = fn(&mut Dice, usize) -> String;

/// One of these expressions, each a way to make one.
fn one(dice: &mut Dice, depth: usize, ways: &[Made]) -> String {
    let at = dice.below(ways.len());
    ways[at](dice, depth)
}

fn any(dice: &mut Dice, depth: usize) -> String {
    one(dice, depth, &[integer, integer, decimal, text, text, truth, date, moment, float])
}

fn number(dice: &mut Dice, depth: usize) -> String {
    one(dice, depth, &[integer, decimal])
}

fn day(dice: &mut Dice, depth: usize) -> String {
    one(dice, depth, &[date, moment])
}

/// A pattern in which `{i}`, `{d}`, `{n}`, `{s}`, `{t}`, `{y}`, `{m}`, `{e}`, `{f}`, `{a}` stand for an integer, a
/// decimal, a number, a text, a condition, a date, a moment, either of both, a double and anything, and `[a|b]` for one of
/// the words; `{i0}` is of no depth.
fn filled(dice: &mut Dice, depth: usize, patterns: &[&str]) -> String {
    let pattern = dice.of(patterns);
    let (mut sql, mut rest) = (String::new(), pattern);
    while let Some(at) = rest.find(['{', '[']) {
        sql.push_str(&rest[..at]);
        let (begun, closing) = (&rest[at + 1..], if rest[at..].starts_with('{') { '}' } else { ']' });
        let (hole, after) = begun.split_once(closing).unwrap();
        rest = after;
        if closing == ']' {
            sql.push_str(dice.of(&hole.split('|').collect::<Vec<_>>()));
            continue;
        }
        let depth = if hole.ends_with('0') { 0 } else { depth };
        let made: Made = match &hole[..1] {
            "i" => integer,
            "d" => decimal,
            "n" => number,
            "s" => text,
            "t" => truth,
            "y" => date,
            "m" => moment,
            "e" => day,
            "f" => float,
            _ => any,
        };
        sql.push_str(&made(dice, depth));
    }
    sql.push_str(rest);
    sql
}

fn integer(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return filled(dice, 0, &["[t.n|t.w|t.u|t.big|t.b|t.id|0|1|-7|3|2147483647|t.n|t.id]"]);
    }
    filled(
        dice,
        depth - 1,
        &[
            "({i} [+|-|*] {i})",
            "({i} [DIV|MOD|%] {i})",
            "IF({t},{i},{i})",
            "IFNULL({i},{i})",
            "NULLIF({i},{i})",
            "COALESCE({i},{i},0)",
            "CASE {i} WHEN {i0} THEN {i} WHEN 3 THEN 1 ELSE {i0} END",
            "CASE WHEN {t} THEN {i} END",
            "[LENGTH|CHAR_LENGTH]({s})",
            "[YEAR|MONTH|DAY|QUARTER|DAYOFWEEK|WEEKDAY|DAYOFYEAR]({e})",
            "[HOUR|MINUTE|SECOND]({m})",
            "DATEDIFF({y},{m})",
            "TIMESTAMPDIFF([SECOND|MINUTE|HOUR|DAY|WEEK],{m},{m})",
            "ABS({i})",
            "SIGN({d})",
            "-({i})",
            "({t})",
            "ROUND({i})",
            "CAST({d} AS SIGNED)",
            "LOCATE(['e'|''|'o'],{s})",
            "[GREATEST|LEAST]({i},{i})",
            "(SELECT [COUNT(*)|MAX(o.m)|SUM(o.m)|MIN(o.id)] FROM o WHERE o.t_id = t.id)",
        ],
    )
}

fn decimal(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return filled(dice, 0, &["[t.d|t.e|1.5|0.005|t.d|2.50|-0.1]"]);
    }
    filled(
        dice,
        depth - 1,
        &[
            "({d} [+|-|*] {n})",
            "({n} / {n})",
            "({i} / {i})",
            "({d} % {d})",
            "ROUND({d},[0|1|2|3])",
            "ROUND({d})",
            "TRUNCATE({d},[0|1|2])",
            "[FLOOR|CEIL|ABS]({d})",
            "COALESCE({d},{n})",
            "IF({t},{d},{n})",
            "-{d0}",
            "[GREATEST|LEAST]({d},{d})",
        ],
    )
}

fn float(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return "t.f".to_owned();
    }
    filled(dice, depth - 1, &["({f} [+|-|*|/] {n})", "({f} [+|*] {f})", "ABS({f})", "IFNULL({f},{i0})", "t.f"])
}

fn text(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return filled(dice, 0, &["[t.s|t.c|t.x|t.k|'open'|'x'|'née'|'OPEN'|''|'5'|t.s|t.c]"]);
    }
    filled(
        dice,
        depth - 1,
        &[
            "CONCAT({s},{s})",
            "CONCAT({s},{n})",
            "CONCAT({s},{t})",
            "CONCAT_WS([','|' '],{s},{s})",
            "CONCAT_WS([','|' '],{s},{n})",
            "[LEFT|RIGHT]({s},[0|1|3])",
            "SUBSTRING({s},[1|2|4])",
            "SUBSTRING({s},[1|2],[0|2|9])",
            "[TRIM|LTRIM|RTRIM|REVERSE]({s})",
            "REPLACE({s},['o'|'e'|''],['Q'|''])",
            "IF({t},{s},{s})",
            "IF({t},{s},{i})",
            "COALESCE({s},{s})",
            "NULLIF({s},{s})",
            "CASE {s0} WHEN {s0} THEN {s} ELSE {s0} END",
            "[LPAD|RPAD]({s},[3|6],['0'|'ab'])",
            "DATE_FORMAT({e},['%Y-%m'|'%d.%m.%Y %H:%i:%s'|'%c/%e/%y'|'%Y-%m-%d'|'%j %T'|'%h %l %k'])",
            "SUBSTRING_INDEX({s},['e'|' '],1)",
            "REPEAT({s},2)",
            "CAST({s} AS CHAR)",
            "CAST({n} AS CHAR)",
            "TRIM([BOTH|LEADING|TRAILING] 'e' FROM {s})",
            "t.s",
            "t.k",
        ],
    )
}

fn date(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return "t.day".to_owned();
    }
    filled(
        dice,
        depth - 1,
        &[
            "DATE({e})",
            "LAST_DAY({e})",
            "({y} [+|-] INTERVAL [1|3|31] [DAY|MONTH|YEAR|WEEK|QUARTER])",
            "COALESCE({y},{y})",
            "t.day",
            "IF({t},{y},{y0})",
        ],
    )
}

fn moment(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 {
        return filled(dice, 0, &["[t.moment|t.moment|t.at]"]);
    }
    filled(
        dice,
        depth - 1,
        &[
            "({m} [+|-] INTERVAL [1|90] [SECOND|MINUTE|HOUR|DAY|MONTH])",
            "COALESCE({m},{m})",
            "t.moment",
            "[GREATEST|LEAST]({m},{m})",
        ],
    )
}

fn truth(dice: &mut Dice, depth: usize) -> String {
    let deep = depth > 0 && dice.one_in(4);
    if deep {
        let patterns = ["({t} [AND|OR] {t})", "(NOT {t})", "({t}) IS [TRUE|FALSE|NOT TRUE]", "IF({t},{t},{t})"];
        return filled(dice, depth - 1, &patterns);
    }
    filled(
        dice,
        depth.saturating_sub(1),
        &[
            "{n} [=|<>|<|<=|>|>=|<=>] {n}",
            "{s} [=|<>|<=>] {s}",
            "{s0} [=|<|>=] {s0}",
            "t.s [=|<>|<=>] ['open'|'OPEN '|'nee'|'é'|'']",
            "t.k [=|<>|<=>] ['open'|'closed'|'née'|t.k]",
            "{y} [=|<|>=] {e}",
            "{y} [=|<|>=] '2024-02-29'",
            "{m} [=|<|>=] {m}",
            "{m} [=|<|>=] ['2024-02-01 00:00:00'|'2024-02-01']",
            "t.b",
            "t.b [=|<>] [0|1|t.b|2]",
            "{a} IS [|NOT ]NULL",
            "t.s [|NOT ]IN ('open','née',{s0})",
            "t.n [|NOT ]IN (1,{i0},[NULL|7])",
            "t.k IN ('open','née')",
            "{i} [|NOT ]BETWEEN {i0} AND {i0}",
            "[t.c|t.x|t.s] [|NOT ]LIKE ['o%'|'%e'|'a_c'|'open']",
            "EXISTS (SELECT 1 FROM o WHERE o.t_id = t.id AND [o.m > t.n|o.s = t.s|o.k = t.k|o.q > 0])",
            "t.id [|NOT ]IN (SELECT o.t_id FROM o[| WHERE o.t_id IS NOT NULL])",
            "t.s [|NOT ]IN (SELECT o.s FROM o)",
        ],
    )
}

fn aggregate(dice: &mut Dice) -> String {
    filled(
        dice,
        1,
        &[
            "COUNT(*)",
            "COUNT({a})",
            "COUNT(DISTINCT {a})",
            "[SUM|AVG]({n})",
            "SUM({t})",
            "[MIN|MAX]({a})",
            "SUM({i0}) / COUNT(*)",
            "ROUND(AVG({n0}),2)",
            "GROUP_CONCAT({s0} ORDER BY t.id)",
            "GROUP_CONCAT({i0} ORDER BY t.id)",
            "GROUP_CONCAT(DISTINCT [t.n|t.c|t.x|t.s])",
            "GROUP_CONCAT(DISTINCT t.n ORDER BY t.n DESC SEPARATOR ';')",
            "COUNT(DISTINCT {a0}, {a0})",
            "COALESCE(SUM({i0}),0)",
            "COALESCE(AVG(t.n),0)",
            "SUM({i0}) * 2",
        ],
    )
}

fn key(dice: &mut Dice) -> String {
    filled(
        dice,
        1,
        &[
            "[t.s|t.c|t.x|t.k|t.b|t.n|t.day|t.id|t.d]",
            "[t.s|t.c|t.x|t.k|t.b|t.n|t.day|t.id|t.d]",
            "[YEAR(t.moment)|DATE(t.moment)|DATE_FORMAT(t.moment,'%Y-%m')]",
            "CASE WHEN t.n > 3 THEN 'big' ELSE 'small' END",
            "{a}",
        ],
    )
}

/// A view's SELECT.
pub(super) fn view(dice: &mut Dice) -> String {
    let (one, two, first, second) = (key(dice), key(dice), aggregate(dice), aggregate(dice));
    match dice.below(15) {
        0 => filled(dice, 3, &["SELECT t.id, {a} AS v FROM t"]),
        1 => filled(dice, 2, &["SELECT t.id, {a} AS v, {a} AS w FROM t"]),
        2 => filled(dice, 2, &["SELECT t.id FROM t WHERE {t}"]),
        3 => filled(dice, 3, &["SELECT t.id, t.k, t.b FROM t WHERE {t}"]),
        4 => {
            let having = dice.of(&["", "", " HAVING COUNT(*) > 1", " HAVING v > 1"]);
            format!("SELECT {one} AS g, {first} AS v FROM t GROUP BY {one}{having}")
        }
        5 => format!("SELECT {one} AS g, {two} AS h, {first} AS v FROM t GROUP BY {one}, {two}"),
        6 => format!("SELECT {first} AS v, {second} AS w FROM t") + &filled(dice, 1, &["", " WHERE {t}"]),
        7 => filled(dice, 1, &["SELECT DISTINCT {a} AS v FROM t", "SELECT DISTINCT {a} AS v, {a0} AS w FROM t"]),
        8 => filled(
            dice,
            1,
            &["SELECT t.id, o.id AS other, [o.s|o.k|o.q|COALESCE(o.m,t.n)|CONCAT(o.s,t.s)] AS v FROM t \
               [JOIN|LEFT JOIN|RIGHT JOIN] o ON \
               [o.t_id = t.id|o.s = t.s|o.m = t.n|o.k = t.k|o.t_id = t.id AND o.m > 0]"],
        ),
        9 => filled(dice, 1, &["SELECT {a} AS v FROM t UNION [|ALL ]SELECT [o.s|o.m|o.q|o.k|NULL|o.t_id] FROM o"]),
        10 => {
            let most = dice.of(&["0", "1"]);
            format!(
                "SELECT x.g, x.c + 1 AS c FROM (SELECT {one} AS g, COUNT(*) AS c FROM t GROUP BY g) x WHERE x.c > {most}"
            )
        }
        11 => {
            filled(dice, 1, &["WITH a AS (SELECT t.id, {a} AS v FROM t) SELECT a.id, a.v FROM a WHERE a.v IS NOT NULL"])
        }
        12 => filled(
            dice,
            1,
            &[
                "SELECT t.id, [ROW_NUMBER()|RANK()|DENSE_RANK()|SUM(t.n)|COUNT(*)|AVG(t.d)|LAG(t.n)|LEAD(t.s,2)|MAX(t.day)|\
               FIRST_VALUE(t.c)] OVER ([|PARTITION BY t.s |PARTITION BY t.k |PARTITION BY t.b ]ORDER BY \
               [t.id|t.n, t.id|t.day DESC, t.id|t.k, t.id|t.n|t.c, t.id]) AS v FROM t",
            ],
        ),
        13 => filled(
            dice,
            1,
            &["SELECT t.id, {a} AS v FROM t ORDER BY [t.n|t.day|t.d|t.c|t.k|t.s|t.x][| DESC], t.id LIMIT [3|5|2,4]"],
        ),
        _ => filled(
            dice,
            1,
            &[
                "SELECT t.id, t.s, t.k, t.d, COUNT(o.id) AS c, SUM(o.q) AS q FROM t LEFT JOIN o ON o.t_id = t.id GROUP BY \
               t.id[| HAVING c > 0|, t.s]",
            ],
        ),
    }
}
