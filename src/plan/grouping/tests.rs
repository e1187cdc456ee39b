//! Unit tests of the grouping.
use super::*;
use crate::catalog::remedy;
use crate::plan::FindingCode;

fn misfit(table: &str, count: u64, reason: &str) -> Finding {
    let cause = Cause::new(["value does", "values do"], "not fit timestamptz");
    let suggestion = format!("[tables.{table}.columns.at]\ntype = \"text\"\n# or: on_bad_value = \"reject\"");
    let finding = Finding::about(FindingCode::ValueDoesNotFit, Severity::Blocks, table, format!("{count} values"));
    let finding = finding.in_column("at").suggesting(suggestion);
    let examples = (0..count.min(2)).map(|id| format!("id={id}")).collect();
    Finding { count, examples, ..finding }.because(Cause { reasons: [(reason.to_owned(), count)].into(), ..cause })
}

#[test]
fn one_cause_at_several_places_is_one_question() {
    let findings = vec![misfit("b", 3, "too fine"), misfit("a", 2, "too fine"), misfit("c", 1, "no date")];
    let found = grouped(findings, &DeclaredColumns::default());
    let [one] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((one.table.as_deref(), one.column.as_deref(), one.count), (None, None, 6));
    assert_eq!(one.message, "3 columns: 6 values do not fit timestamptz: too fine (5); no date (1)");
    assert_eq!(one.place(), "3 columns in 3 tables");
    assert_eq!(one.examples, ["a.at: id=0", "b.at: id=0", "c.at: id=0", "a.at: id=1", "b.at: id=1"]);
    assert_eq!(one.each().map(|member| member.place()).collect::<Vec<_>>(), ["a.at", "b.at", "c.at"]);
    let lines = one.suggestion.as_deref().unwrap().parse::<toml::Table>().unwrap();
    assert!(["a", "b", "c"].iter().all(|table| lines["tables"][*table]["columns"]["at"]["type"].is_str()), "{lines}");
    // Nothing changes where they are grouped once more, with another beside them.
    let again = grouped([found, vec![misfit("d", 1, "no date")]].concat(), &DeclaredColumns::default());
    assert_eq!((again.len(), again[0].members.len(), again[0].count), (1, 4, 7));
}

#[test]
fn other_questions_stay_apart() {
    let other = Finding { suggestion: Some("[tables.c.columns.at]\ntype = \"date\"".into()), ..misfit("c", 1, "x") };
    let graver = Finding { severity: Severity::Warns, ..misfit("d", 1, "too fine") };
    let found = grouped(vec![misfit("a", 1, "x"), misfit("b", 1, "x"), other, graver], &DeclaredColumns::default());
    assert_eq!(found.iter().map(|finding| finding.members.len()).collect::<Vec<_>>(), [2, 0, 0]);
    // Lines that say two things of one key settle nothing together.
    let filtered = |count| {
        let cause = Cause::new(["row is", "rows are"], "too wide");
        let lines = format!("[tables.t]\nwhere = \"id <> {count}\"");
        Finding::about(FindingCode::RowTooWide, Severity::Blocks, "t", "wide").suggesting(lines).because(cause)
    };
    assert_eq!(grouped(vec![filtered(1), filtered(2)], &DeclaredColumns::default()).len(), 2);
}

#[test]
fn messages_that_name_their_object_are_counted_from_some_number_on() {
    let exists = |table: &str| {
        Finding::about(
            FindingCode::TargetTableExists,
            Severity::Blocks,
            table,
            format!("the target already holds {table}"),
        )
        .suggesting("migrate into another schema")
    };
    let found =
        |tables: &[&str]| grouped(tables.iter().map(|table| exists(table)).collect(), &DeclaredColumns::default());
    assert_eq!(found(&["a", "b", "c"]).len(), 3);
    let many = found(&["a", "b", "c", "d"]);
    assert_eq!(many.len(), 1);
    assert_eq!(many[0].message, "a: the target already holds a, and 3 more like it");
    let note = |table: &str| Finding::about(FindingCode::EnumAsText, Severity::Notes, table, "a label is long");
    let notes = grouped(vec![note("a"), note("b")], &DeclaredColumns::default());
    assert_eq!(notes[0].message, "2 tables: a label is long");
    let general = || Finding::general(FindingCode::StateNotKept, Severity::Notes, "no state");
    assert_eq!(grouped(vec![general(), general()], &DeclaredColumns::default()).len(), 2);
}

#[test]
fn rights_that_are_missing_are_one_statement_after_the_other() {
    let lacking = |table: &str, right: &str| {
        let words = format!("are missing: the role may not {right} the table");
        let finding = Finding::about(
            FindingCode::TargetNotPermitted,
            Severity::Blocks,
            table,
            format!("the role may not {right} {table}"),
        );
        let advice = remedy([format!("GRANT {right} ON {table} TO loader").as_str()]);
        finding.suggesting(advice).because(Cause::new(["right", "rights"], words))
    };
    let findings = vec![lacking("b", "INSERT"), lacking("a", "INSERT"), lacking("a", "TRUNCATE")];
    let found = grouped(findings, &DeclaredColumns::default());
    let told =
        found.iter().map(|finding| (finding.message.as_str(), finding.suggestion.as_deref())).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            (
                "2 tables: 2 rights are missing: the role may not INSERT the table",
                Some("let an administrator run `GRANT INSERT ON a TO loader; GRANT INSERT ON b TO loader;`")
            ),
            ("the role may not TRUNCATE a", Some("let an administrator run `GRANT TRUNCATE ON a TO loader;`")),
        ]
    );
}
