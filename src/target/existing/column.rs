//! A column of a table that is already there, and the form in which its values are written.

use crate::catalog::{ColumnType, EqualityOperator, JudgedType, TargetColumn, TargetIdentity};
use tokio_postgres::Row;

/// One row of `queries/columns.sql`; the sequence behind it is `draws.rs`'s to say.
pub(super) fn read(row: &Row) -> TargetColumn {
    let (base, type_name, is_enum) = (row.get::<_, &str>(3), row.get::<_, &str>(4), row.get::<_, bool>(5));
    TargetColumn {
        name: row.get(1),
        type_name: row.get(2),
        written_as: if is_enum { Some(ColumnType::Text) } else { written_as(base, type_name) },
        labels: row.get(6),
        not_null: row.get(7),
        has_default: row.get(8),
        identity: match row.get::<_, &str>(9) {
            "a" => Some(TargetIdentity::Always),
            "d" => Some(TargetIdentity::ByDefault),
            _ => None,
        },
        generated: row.get(10),
        sequence: None,
        unclear_default: None,
        equality: match row.get::<_, Option<&str>>(11).zip(row.get::<_, Option<&str>>(12)) {
            Some((schema, name)) => EqualityOperator::new(schema, name),
            None => EqualityOperator::default(),
        },
        folds_texts: row.get(13),
    }
}

/// The form for a type by its spelling with modifier, and its bare name.
fn written_as(spelling: &str, name: &str) -> Option<ColumnType> {
    match (spelling, name) {
        // char without a length has no limit here, where SQL's `char` has one of 1.
        ("bpchar", _) => Some(ColumnType::Text),
        // A type of an extension is spelled with the schema that the extension is in.
        // PostGIS keeps the shape and SRID of a typed column for itself: such a column is not written.
        (_, "citext" | "geometry" | "geography" | "vector") => {
            spelling.rsplit_once('.').map_or(spelling, |(_, bare)| bare).parse().ok()
        }
        _ => Some(spelling.parse().unwrap_or_else(|_| ColumnType::Judged(JudgedType::of_catalog(spelling)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_their_spelling() {
        let written = |spelling: &str, name: &str| written_as(spelling, name).map(|found| found.to_string());
        assert_eq!(written("character varying(30)", "varchar").as_deref(), Some("varchar(30)"));
        assert_eq!(written("timestamp(3) with time zone", "timestamptz").as_deref(), Some("timestamptz(3)"));
        assert_eq!(written("bpchar", "bpchar").as_deref(), Some("text"));
        assert_eq!(written("character(2)", "bpchar").as_deref(), Some("char(2)"));
        assert_eq!(written("extensions.citext", "citext").as_deref(), Some("citext"));
        assert_eq!(written("extensions.vector(3)", "vector").as_deref(), Some("vector(3)"));
        assert_eq!(written("public.geometry", "geometry").as_deref(), Some("geometry"));
        assert_eq!(written("geometry(Point,4326)", "geometry"), None);
        assert_eq!(written("real[]", "_float4").as_deref(), Some("real[]"));
        assert_eq!(written("integer[]", "_int4").as_deref(), Some("integer[]"));
        assert_eq!(written("\"char\"", "char").as_deref(), Some("\"char\""));
        assert_eq!(written("interval(3)", "interval").as_deref(), Some("interval(3)"));
        assert_eq!(written("app.place", "place").as_deref(), Some("app.place"));
    }
}
