//! The encoder of rows: how many a second, for each type. `cargo bench --bench encoder`

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use transship::target::copy::{ColumnEncoder, RowEncoder};
use transship::value::{Cell, Reading, Zone};

/// Rows encoded in one measured turn.
const ROWS: usize = 10_000;

/// A value as a source holds it, for every type and the readings that cost something of their own.
const COLUMNS: [(&str, Reading, Cell<'static>); 19] = [
    ("bigint", Reading::Stored, Cell::Integer(9_007_199_254_740_993)),
    ("integer", Reading::Stored, Cell::Integer(123_456)),
    ("smallint", Reading::Stored, Cell::Integer(1234)),
    ("boolean", Reading::Stored, Cell::Integer(1)),
    ("double precision", Reading::Stored, Cell::Real(0.559_622_758_533_806)),
    ("numeric(12,2)", Reading::Stored, Cell::Text(b"12345.67")),
    ("numeric", Reading::Stored, Cell::Real(0.559_622_758_533_806)),
    (
        "text",
        Reading::Stored,
        Cell::Text("a sentence of ordinary length, größer than a word, as a message holds".as_bytes()),
    ),
    ("varchar(255)", Reading::Stored, Cell::Text(b"user12345@example.org")),
    ("char(36)", Reading::Stored, Cell::Text(b"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("bytea", Reading::Stored, Cell::Blob(&[0xA5; 256])),
    ("bytea", Reading::Hex, Cell::Text(b"a0eebc999c0b4ef8bb6d6bb9bd380a11")),
    ("date", Reading::Stored, Cell::Text(b"2026-11-21")),
    ("time", Reading::Stored, Cell::Text(b"13:45:59.123456")),
    ("timestamp", Reading::Stored, Cell::Text(b"2026-11-21 13:45:59")),
    ("timestamptz", Reading::Stored, Cell::Text(b"2026-11-21T13:45:59.123456+02:00")),
    ("timestamptz", Reading::UnixMs, Cell::Integer(1_795_000_000_123)),
    ("uuid", Reading::Stored, Cell::Text(b"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    (
        "jsonb",
        Reading::Stored,
        Cell::Text(br#"{"model":"m3","temperature":0.44,"tags":["and of a",1],"summary":null}"#),
    ),
];

fn encoder(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encoder");
    group.throughput(Throughput::Elements(ROWS as u64));
    for (name, reading, cell) in COLUMNS {
        let column = ColumnEncoder::new(&name.parse().unwrap(), reading, &Zone::UTC).unwrap();
        let row = RowEncoder::new(vec![column]).unwrap();
        let mut out = Vec::with_capacity(4 * 1024 * 1024);
        group.bench_function(BenchmarkId::new(name, reading), |bencher| {
            bencher.iter(|| {
                out.clear();
                for _ in 0..ROWS {
                    row.encode(|_| black_box(cell), &mut out).unwrap();
                }
                black_box(out.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, encoder);
criterion_main!(benches);
