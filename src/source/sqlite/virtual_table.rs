//! Reading a CREATE VIRTUAL TABLE statement (<https://www.sqlite.org/fts5.html>, <https://www.sqlite.org/rtree.html>).

use super::definition::Lexed;
use crate::catalog::{
    Column, Content, Equality, KeyGeneration, PrimaryKey, RowIdentity, Storage, Table, VirtualTable, Visibility,
};
use sqlparser::tokenizer::Token;

/// Modules whose tables only show what stands elsewhere: the words of an index, the pages of a file, a function's answers.
const SHOWING: [&str; 10] = [
    "bytecode",
    "dbstat",
    "fts3tokenize",
    "fts4aux",
    "fts5vocab",
    "generate_series",
    "json_each",
    "json_tree",
    "sqlite_dbpage",
    "tables_used",
];

/// Reads the statement; `columns` are those that SQLite shows, with their declared types.
pub(super) fn virtual_table(name: &str, sql: &str, columns: Vec<Column>) -> Option<VirtualTable> {
    let lexed = Lexed::new(sql)?;
    let using = (0..lexed.len()).find(|at| lexed.is_word(*at, "USING"))?;
    let module = lexed.name(using + 1)?.to_ascii_lowercase();
    let arguments = lexed.find_open_parenthesis().and_then(|open| lexed.elements(open)).unwrap_or_default();
    let option = |wanted: &str| {
        let element = arguments.iter().find(|element| {
            lexed.is_word(element.start, wanted) && lexed.token(element.start + 1) == Some(&Token::Eq)
        })?;
        lexed.name(element.start + 2)
    };
    if SHOWING.contains(&module.as_str()) {
        let rows = (!columns.is_empty()).then(|| rows(name, "", columns));
        return Some(VirtualTable { module, content: Content::Shown, stems: false, rows });
    }
    let is_search = module.starts_with("fts");
    let mut columns = columns;
    // A hidden column, and the only place of its values (<https://www.sqlite.org/fts3.html#the_languageid_option>).
    if let Some(language) = option("languageid").filter(|_| is_search && !columns.is_empty()) {
        columns.push(Column { not_null: false, ..column(&language) });
    }
    let content = match option("content") {
        Some(table) if is_search && table.is_empty() => {
            // Of such a table the columns without an index are kept, where it says so.
            let is_kept = |column: &Column| {
                let mut defined = arguments.iter().filter(|element| lexed.is_word(element.start + 1, "UNINDEXED"));
                defined.any(|element| {
                    lexed.name(element.start).is_some_and(|name| column.name.eq_ignore_ascii_case(&name))
                })
            };
            let keeps = arguments.iter().any(|element| {
                lexed.is_word(element.start, "contentless_unindexed")
                    && !matches!(lexed.token(element.start + 2), Some(Token::Number(number, _)) if number == "0")
            });
            if keeps && columns.iter().any(is_kept) {
                columns.retain(is_kept);
                Content::Own
            } else {
                Content::None
            }
        }
        Some(table) if is_search => Content::Of(table),
        _ => Content::Own,
    };
    let stems = option("tokenize").is_some_and(|tokenizer| tokenizer.to_ascii_lowercase().contains("porter"));
    let rows = (!columns.is_empty()).then(|| rows(name, &module, columns));
    Some(VirtualTable { module, content, stems, rows })
}

/// The rows as those of an ordinary table. The rowid of a full-text table names its rows in other tables, so it becomes
/// a column.
fn rows(name: &str, module: &str, mut columns: Vec<Column>) -> Box<Table> {
    let key = if module.starts_with("fts") {
        let rowid = column("rowid");
        columns.insert(0, Column { generates_keys: Some(KeyGeneration::AboveLargest), ..rowid });
        Some("rowid".to_owned())
    } else if module.starts_with("rtree") {
        columns.first_mut().map(|key| {
            key.declared_type = "INTEGER".to_owned();
            key.generates_keys = Some(KeyGeneration::AboveLargest);
            key.name.clone()
        })
    } else {
        None
    };
    Box::new(Table {
        name: name.to_owned(),
        columns,
        primary_key: key.as_ref().map(|key| PrimaryKey { name: None, columns: vec![key.clone()] }),
        unique_constraints: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        row_identity: match key {
            Some(column) => RowIdentity::Integer { column, visibility: Visibility::Declared },
            None => RowIdentity::None,
        },
        is_outside_snapshot: false,
        unread_definition: None,
        comment: None,
        storage: Storage::default(),
        foreign_keys_elsewhere: Vec::new(),
    })
}

fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        declared_type: "INTEGER".to_owned(),
        not_null: true,
        default: None,
        generated: None,
        equality: Equality::Bytes,
        generates_keys: None,
        on_update: None,
        comment: None,
        is_invisible: false,
        keeps_values: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_text_lives() {
        let read = |sql: &str| virtual_table("t", sql, vec![column("body")]).unwrap();
        assert_eq!(read("CREATE VIRTUAL TABLE t USING fts5(body)").content, Content::Own);
        assert_eq!(read("CREATE VIRTUAL TABLE t USING FTS5(body, content='')").content, Content::None);
        let external =
            read("CREATE VIRTUAL TABLE IF NOT EXISTS t USING fts4(content=\"my notes\", body, tokenize=porter)");
        assert_eq!((external.content, external.stems), (Content::Of("my notes".to_owned()), true));
        assert!(read("CREATE VIRTUAL TABLE t USING fts5(body, tokenize = 'porter unicode61')").stems);
        let boxes = read("CREATE VIRTUAL TABLE t USING rtree(body, low, high)");
        assert_eq!(boxes.rows.unwrap().primary_key.unwrap().columns, ["body"]);
        assert_eq!(read("CREATE VIRTUAL TABLE t USING series").module, "series");
        assert_eq!(read("CREATE VIRTUAL TABLE t USING fts5vocab(f, 'row')").content, Content::Shown);
    }

    #[test]
    fn what_stands_beside_the_text() {
        let names = |sql: &str| {
            let read = virtual_table("t", sql, vec![column("body"), column("place")]).unwrap();
            let columns = read.rows.unwrap().columns.into_iter().map(|column| column.name).collect::<Vec<_>>();
            (read.content, columns.join(" "))
        };
        let sql = "CREATE VIRTUAL TABLE t USING fts4(body, place, languageid=\"lid\")";
        assert_eq!(names(sql), (Content::Own, "rowid body place lid".to_owned()));
        let kept = "CREATE VIRTUAL TABLE t USING fts5(body, place UNINDEXED, content='', contentless_unindexed=1)";
        assert_eq!(names(kept), (Content::Own, "rowid place".to_owned()));
        assert_eq!(names("CREATE VIRTUAL TABLE t USING fts5(body, place UNINDEXED, content='')").0, Content::None);
    }
}
