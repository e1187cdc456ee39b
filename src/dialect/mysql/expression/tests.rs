//! Expressions that are translated, and expressions that are refused.

use super::*;
use crate::catalog::{CollationRule, Equality, Language, LetterRule, Sensitivity};
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::scope::{Carrier, MappedColumn, Visible};
use crate::value::{Forgetting, Reading};

fn scope() -> Scope<'static> {
    let labels = ["a", "b"].map(str::to_owned);
    let column = |name: &str, declared: &str, becomes: &str, equality: &Equality| {
        Visible::of(MappedColumn {
            source: name,
            target: name,
            coercion: super::super::declared::coercion(declared),
            column_type: &becomes.parse().unwrap(),
            reading: Reading::Stored,
            forgetting: Forgetting::default(),
            equality,
            extent: None,
            spellings: None,
            is_computed: false,
            changes_dates: false,
            has_own_zone: false,
            may_become_null: false,
            is_shortened: false,
            carrier: Carrier::Column,
            labels: if declared.starts_with("enum") { &labels } else { &[] },
        })
    };
    let (bytes, other) = (Equality::Bytes, Equality::Other { collation: "utf8mb4_general_ci".to_owned() });
    let letters = Some(LetterRule { sensitivity: Sensitivity::Base, language: Language::Root });
    let collated = |letters| Equality::Collated {
        rule: CollationRule { letters, ignores_trailing_spaces: true },
        collation: "utf8mb4_general_ci".to_owned(),
    };
    let columns = [
        column("mail", "varchar(20)", "varchar(20)", &collated(letters)),
        column("padded", "varchar(20)", "varchar(20)", &collated(None)),
        column("k", "int(11)", "integer", &bytes),
        column("y", "year(4)", "smallint", &bytes),
        column("z", "int(5) unsigned zerofill", "bigint", &bytes),
        column("u", "int(10) unsigned", "bigint", &bytes),
        column("d", "decimal(10,2)", "numeric(10,2)", &bytes),
        column("f", "float", "real", &bytes),
        column("code", "varchar(20)", "varchar(20)", &bytes),
        column("name", "varchar(20)", "varchar(20)", &other),
        column("state", "enum('a','b')", "text", &bytes),
        column("status", "enum('a','b')", "text", &bytes),
        column("raw", "varbinary(20)", "bytea", &bytes),
        column("day", "date", "date", &bytes),
        column("at", "datetime", "timestamp", &bytes),
        column("seen", "timestamp", "timestamptz", &bytes),
        column("doc", "json", "jsonb", &bytes),
    ];
    Scope::of_table(columns.into_iter(), std::iter::empty())
}

#[test]
fn values_that_a_word_of_the_spec_alters_are_not_computed_with() {
    let drop = crate::value::Dropping::Drop;
    for (forgetting, may_become_null, word) in [
        (Forgetting { leading_zeros: drop, ..Forgetting::default() }, false, "leading_zeros = \"drop\""),
        (Forgetting { trailing_spaces: drop, ..Forgetting::default() }, false, "trailing_spaces = \"drop\""),
        (
            Forgetting { fraction: crate::value::FractionTreatment::Round, ..Forgetting::default() },
            false,
            "fraction = \"round\"",
        ),
        (Forgetting::default(), true, "on_bad_value = \"null\""),
    ] {
        let column = Visible::of(MappedColumn {
            source: "k",
            target: "k",
            coercion: super::super::declared::coercion("int"),
            column_type: &"bigint".parse().unwrap(),
            reading: Reading::Stored,
            forgetting,
            equality: &Equality::Bytes,
            extent: None,
            spellings: None,
            is_computed: false,
            changes_dates: false,
            has_own_zone: false,
            may_become_null,
            is_shortened: true,
            carrier: Carrier::Nothing,
            labels: &[],
        });
        let scope = Scope::of_table(std::iter::once(column), std::iter::empty());
        let refused = condition("`k` > 1", &scope).map(|written| written.sql).unwrap_err();
        assert_eq!(refused.0, format!("`{word}` changes values of `k`, or may"));
        assert_eq!(condition("`k` is not null", &scope).is_err(), may_become_null, "{word}");
        // The keys of an index are built over what arrives.
        assert!(condition("`k` > 1", &scope.of_arriving_values()).is_ok());
    }
}

#[test]
fn conditions_that_mean_the_same() {
    for (text, expected) in [
        ("`k` > 0", "k > 0"),
        ("(`k` > 0)", "k > 0"),
        ("`k` between 1 and 100 or `k` in (1,2,3)", "k BETWEEN 1 AND 100 OR k IN (1, 2, 3)"),
        ("not (`k` = 1 and `d` <> 2.5)", "NOT (k = 1 AND d <> 2.5)"),
        ("`k` <=> NULL", "k IS NOT DISTINCT FROM NULL"),
        ("`k` * 2 < `d`", "(k)::bigint * 2 < d"),
        ("`k` DIV `u` = 3", "(k)::bigint / nullif(u, 0) = 3"),
        ("`k` MOD 7 = 3", "(k)::bigint % 7 = 3"),
        ("`k` > 1 and mod(`k`, 2) = 1", "k > 1 AND (k)::bigint % 2 = 1"),
        ("(`k`) MOD (`u` + 1) = mod(`k`, 2)", "(k)::bigint % nullif(u + 1, 0) = (k)::bigint % 2"),
        ("`code` = _utf8mb4'x'", "code = 'x'"),
        ("`code` < 'x'", "code < 'x' COLLATE \"C\""),
        ("`state` = 'a'", "state = 'a'"),
        ("`status` <> 'a' and `status` in ('a','b')", "status <> 'a' AND status IN ('a', 'b')"),
        ("`code` like 'a%'", "code LIKE 'a%'"),
        ("`day` >= '2020-01-01'", "day >= '2020-01-01'"),
        ("year(`at`) > 2000", "trunc(extract(year FROM at))::integer > 2000"),
        ("char_length(`name`) > 2", "char_length(name) > 2"),
        ("length(`raw`) = 16", "octet_length(raw) = 16"),
        ("if(`k` > 1, `d`, 0) > 1", "CASE WHEN k > 1 THEN d ELSE 0 END > 1"),
        ("ifnull(`k`,1) * 2 = 2", "(coalesce(k, 1))::bigint * 2 = 2"),
        ("json_valid(`doc`)", "doc IS NOT NULL OR NULL"),
        ("`k`", "k <> 0"),
        ("`mail` = 'Ada '", "rtrim(mail, ' ') = 'Ada'"),
        ("`mail` in ('a','b ')", "rtrim(mail, ' ') IN ('a', 'b')"),
        ("`padded` <> 'x '", "rtrim(padded, ' ') <> 'x'"),
        ("length(`mail`) > 2", "octet_length(mail) > 2"),
        ("`state` in ('a','b')", "state IN ('a', 'b')"),
        ("concat(`state`,'x') is null", "state::text || 'x' IS NULL"),
        ("round(`d`,1) > 2", "round(d, 1) > 2"),
        ("!(`k` = 1) and `d` % 2 = 1", "NOT k = 1 AND d % 2 = 1"),
        (
            "`day` + interval 1 month > `day`",
            "CASE WHEN (day + interval '1 month')::date < '10000-01-01' THEN (day + interval '1 month')::date END > day",
        ),
        ("to_days(`day`) - to_days(`at`) > 3", "day - (at)::date > 3"),
        ("`seen` > '2020-02-03 10:00:00'", "seen > '2020-02-03 10:00:00+00'"),
        ("greatest(`k`,1) > 1", "CASE WHEN (k) IS NULL OR (1) IS NULL THEN NULL ELSE greatest(k, 1) END > 1"),
        ("json_unquote(json_extract(`doc`,'$.a')) = 'x'", "rtrim((doc #>> '{a}'), ' ') = 'x'"),
    ] {
        let made = condition(text, &scope()).map(|made| made.sql);
        assert_eq!(made.as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_could_mean_something_else_is_left_out() {
    for text in [
        "`name` = 'x'",
        "`name` like 'a%'",
        "concat(`name`,'x') = 'ax'",
        "if(`k` > 1,`name`,'b') = 'a'",
        "`name` in ('a','b')",
        "`name`",
        "`name` = 1",
        "`k` = '1'",
        "`k` / 2 > 1",
        "`u` - 1 > 0",
        "`y` - 1 > 0",
        "concat(`z`,'x') is null",
        "concat(ifnull(`y`,0),'x') is null",
        "-`u` < 0",
        "if(`k` > 1,`u`,0) - 1 > 0",
        "`state` > 'a'",
        "`status` = 'c'",
        "`status` like 'a%'",
        "`status` = 1",
        "coalesce(`status`,'none') = 'a'",
        "concat(`status`,'x') = 'ax'",
        "`code` = 'a\\\\b'",
        "`code` || `name`",
        "length(`code`) > 2",
        "lower(`code`) = 'a'",
        "`day` > '2020-02-30'",
        "`day` > '2020-02-03 10:00:00'",
        "`code` regexp '^a'",
        "`unknown` = 1",
        "`code` = 'a' collate utf8mb4_general_ci",
        "json_unquote(json_extract(`doc`,'$.a')) = '1'",
        "json_unquote(json_extract(`doc`,'$.a')) = 'true'",
        "`state` = 'A'",
        "`mail` like 'a%'",
        "`mail` < 'b'",
        "`mail` = `name`",
        "`d` / 3 > 1",
        "`day` > curdate()",
        "date_format(`day`,'%Y') = '2020'",
        "concat_ws(',',`code`,`k`) = 'x'",
        "if(`k` > 1,'a','b') = 'A'",
        "locate('a','A') = 1",
        "`k` > 1 and exists(select 1)",
        "rand() > 0.5",
        "`k` > 1 and `d` > 1 xor `u` > 1",
        "`raw` = 'x'",
        "_latin1'x' = `code`",
    ] {
        assert!(condition(text, &scope()).is_err(), "{text}: {:?}", condition(text, &scope()).map(|made| made.sql));
    }
}

#[test]
fn generated_columns_fit_their_type() {
    let made = |text: &str, column_type: &str| {
        generated(text, &scope(), &column_type.parse().unwrap()).map(|made| made.sql).ok()
    };
    assert_eq!(made("concat(`name`,'-',`k`)", "varchar(50)").as_deref(), Some("name || '-' || (k)::text"));
    assert_eq!(made("`k` * `d`", "numeric(12,2)").as_deref(), Some("(k)::bigint * d"));
    assert_eq!(made("`k` > 3", "smallint").as_deref(), Some("(k > 3)::integer"));
    assert_eq!(made("ifnull(`k`,0)", "integer").as_deref(), Some("coalesce(k, 0)"));
    assert_eq!(made("`code`", "integer"), None);
    assert_eq!(made("`f` * 2", "numeric"), None);
    let key = |text: &str| index_key(text, &scope()).map(|(made, _)| made.sql).ok();
    assert_eq!(key("left(`name`, 10)").as_deref(), Some("left(name, 10)"));
    assert_eq!(key("left(`raw`, 10)").as_deref(), Some("substring(raw, 1, 10)"));
}

#[test]
fn only_a_column_of_dates_has_changed_dates() {
    for (becomes, reading, is_said) in [("date", Reading::Stored, true), ("bytea", Reading::Utf8, false)] {
        let column = Visible::of(MappedColumn {
            source: "c",
            target: "c",
            coercion: Coercion::Text,
            column_type: &becomes.parse().unwrap(),
            reading,
            forgetting: Forgetting::default(),
            equality: &Equality::Bytes,
            extent: None,
            spellings: None,
            is_computed: false,
            changes_dates: true,
            may_become_null: false,
            is_shortened: false,
            has_own_zone: false,
            carrier: Carrier::Column,
            labels: &[],
        });
        assert_eq!((column.kind, column.changes_dates), (ValueKind::Opaque, is_said), "{becomes}");
    }
}
