//! PostgreSQL's own opinion about values.

use crate::support::server::server;
use bytes::Bytes;
use futures_util::SinkExt;
use jiff::tz::TimeZone;
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, NoTls};
use transship::catalog::ColumnType;
use transship::proof::meaning::{ColumnMeaning, Room};
use transship::target::copy::{ColumnEncoder, HEADER, RowEncoder, TRAILER, canonical};
use transship::value::{BadValue, Cell, Forgetting, Reading, Zone};

/// What became of one value.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The value as PostgreSQL prints it after our encoding went through COPY.
    pub(crate) ours: Result<String, BadValue>,
    /// What PostgreSQL's own cast from text gives; nothing where it refuses.
    pub(crate) theirs: Option<String>,
}

/// A connection with a private schema of its own.
pub(crate) struct Oracle {
    runtime: Runtime,
    client: Client,
}

/// The bytes of a field as PostgreSQL sends it, of whatever type.
struct Field(Vec<u8>);

impl<'a> FromSql<'a> for Field {
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(bytes.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A field in the words in which `verify` names a row by it.
pub(crate) fn words(column_type: &ColumnType, field: &[u8]) -> String {
    let meaning = ColumnMeaning::new(column_type, Reading::Stored, &TimeZone::UTC, Forgetting::default()).unwrap();
    meaning.target(Some(field), &mut Room::default()).words()
}

const SET_UP: &str = "
    CREATE FUNCTION pg_temp.cast_text(value text, type text) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE result text;
    BEGIN
        EXECUTE format('SELECT $1::%s::text', type) INTO result USING value;
        RETURN result;
    EXCEPTION WHEN others THEN
        RETURN NULL;
    END $$";

impl Oracle {
    pub(crate) fn connect() -> Oracle {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&server().parameters(), NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(SET_UP).await.unwrap();
            client
        });
        Oracle { runtime, client }
    }

    pub(crate) fn execute(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.runtime.block_on(self.client.batch_execute(sql))
    }

    /// Answers of one text column to a query with one parameter, an array of texts.
    pub(crate) fn ask(&self, sql: &str, texts: &[String]) -> Vec<Option<String>> {
        let rows = self.runtime.block_on(self.client.query(sql, &[&texts])).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Encodes each cell, sends what was encoded through COPY, and compares with the cast of the text beside it.
    ///
    /// On the way it checks that what COPY gives back has the canonical form of what was sent, and that the words for
    /// the field are what PostgreSQL prints.
    pub(crate) fn judge(&self, name: &str, reading: Reading, values: &[(Cell<'_>, String)]) -> Vec<Outcome> {
        let column_type: ColumnType = name.parse().unwrap();
        let encoder = ColumnEncoder::new(&column_type, reading, &Zone::UTC).unwrap();
        let row = RowEncoder::new(vec![encoder]).unwrap();
        let mut stream = HEADER.to_vec();
        let mut sent = Vec::new();
        let encoded: Vec<Result<(), BadValue>> = values
            .iter()
            .map(|(cell, _)| {
                let start = stream.len();
                row.encode(|_| *cell, &mut stream).map_err(|bad| bad.bad)?;
                sent.push(stream[start + 6..].to_vec());
                Ok(())
            })
            .collect();
        stream.extend_from_slice(&TRAILER);
        let (printed, received) = self.runtime.block_on(self.there_and_back(name, stream));
        let mut form = (Vec::new(), Vec::new());
        for ((printed, sent), received) in printed.iter().zip(&sent).zip(&received) {
            form.0.clear();
            form.1.clear();
            canonical(&column_type, sent, &mut form.0).unwrap();
            canonical(&column_type, received, &mut form.1).unwrap();
            assert_eq!(form.0, form.1, "{name} {printed}");
            // Doubles print differently, char(n) with its spaces.
            if !matches!(column_type, ColumnType::Real | ColumnType::DoublePrecision | ColumnType::Char(_)) {
                assert_eq!(&words(&column_type, received), printed);
            }
        }
        assert_eq!((printed.len(), received.len()), (sent.len(), sent.len()));
        let cast = format!("SELECT pg_temp.cast_text(value, '{name}') FROM unnest($1::text[]) AS value");
        let texts: Vec<String> = values.iter().map(|(_, text)| text.clone()).collect();
        let mut printed = printed.into_iter();
        encoded
            .into_iter()
            .zip(self.ask(&cast, &texts))
            .map(|(encoded, theirs)| Outcome { ours: encoded.map(|()| printed.next().unwrap()), theirs })
            .collect()
    }

    /// Judges texts, and panics where PostgreSQL disagrees: a value that we take must be what PostgreSQL's cast gives,
    /// and where we refuse, PostgreSQL refuses too or `altered` explains what it would have done to the value.
    pub(crate) fn agree(&self, name: &str, texts: &[String], altered: impl Fn(&str, BadValue) -> bool) {
        let values: Vec<(Cell<'_>, String)> =
            texts.iter().map(|text| (Cell::Text(text.as_bytes()), text.clone())).collect();
        for (outcome, text) in self.judge(name, Reading::Stored, &values).iter().zip(texts) {
            match (&outcome.ours, &outcome.theirs) {
                (Ok(ours), Some(theirs)) => assert_eq!(ours, theirs, "{name} {text:?}"),
                (Ok(ours), None) => panic!("{name} {text:?}: taken as {ours}, but PostgreSQL refuses it"),
                (Err(bad), Some(theirs)) => {
                    assert!(altered(text, *bad), "{name} {text:?}: refused ({bad}), PostgreSQL makes it {theirs}");
                }
                (Err(_), None) => {}
            }
        }
    }

    async fn there_and_back(&self, name: &str, stream: Vec<u8>) -> (Vec<String>, Vec<Vec<u8>>) {
        let client = &self.client;
        let create =
            format!("DROP TABLE IF EXISTS pg_temp.values; CREATE TEMP TABLE values (place serial, value {name})");
        client.batch_execute(&create).await.unwrap();
        let copy = "COPY pg_temp.values (value) FROM STDIN (FORMAT binary)";
        let mut sink = Box::pin(client.copy_in::<_, Bytes>(copy).await.unwrap());
        sink.send(Bytes::from(stream)).await.unwrap();
        sink.as_mut().finish().await.unwrap();
        let rows = client.query("SELECT value::text, value FROM pg_temp.values ORDER BY place", &[]).await.unwrap();
        rows.iter().map(|row| (row.get::<_, String>(0), row.get::<_, Field>(1).0)).unzip()
    }
}
