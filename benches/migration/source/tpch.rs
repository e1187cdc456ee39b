//! The tables of TPC-H in a private MariaDB server, with their keys, foreign keys and the usual indexes.

use super::{Engine, Source};
use crate::support::mariadb::MariaDb;
use std::fmt::Display;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator, PartSuppGenerator,
    RegionGenerator, SupplierGenerator,
};

/// The name of the database.
pub(crate) const DATABASE: &str = "tpch";

/// The server.
pub(crate) struct Tpch {
    pub(crate) server: MariaDb,
    pub(crate) version: String,
}

const TABLES: [&str; 8] = ["region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem"];

/// The server holds all rows in memory, so that its reading is not the disk's.
const SETTINGS: [&str; 3] = ["--innodb-buffer-pool-size=1G", "--skip-log-bin", "--local-infile=1"];

/// Starts the server and fills it.
pub(super) fn build(workshop: &Path, scale: f64) -> Source {
    eprintln!("building TPC-H at scale {scale} in MariaDB");
    let server = MariaDb::start(&SETTINGS);
    server.ask("", &format!("CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"));
    server.ask(DATABASE, include_str!("../tpch.sql"));
    load(&server, workshop, "region", RegionGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "nation", NationGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "part", PartGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "supplier", SupplierGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "partsupp", PartSuppGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "customer", CustomerGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "orders", OrderGenerator::new(scale, 1, 1).iter());
    load(&server, workshop, "lineitem", LineItemGenerator::new(scale, 1, 1).iter());
    let number = |sql: &str| server.ask(DATABASE, sql).trim().parse::<i64>().unwrap();
    let rows = TABLES.iter().map(|table| number(&format!("SELECT count(*) FROM {table}"))).sum();
    server.ask(DATABASE, &TABLES.map(|table| format!("ANALYZE TABLE {table};")).concat());
    let bytes = number("SELECT sum(data_length) FROM information_schema.tables WHERE table_schema = database()");
    let version = server.ask("", "SELECT substring_index(version(), '-', 1)").trim().to_owned();
    let bytes = u64::try_from(bytes).unwrap();
    Source { name: "tpch", engine: Engine::Mysql(Tpch { server, version }), tables: &TABLES, rows, bytes }
}

/// Loads a table from the generator's own format, by the way of a file.
fn load(server: &MariaDb, workshop: &Path, table: &str, rows: impl Iterator<Item = impl Display>) {
    let path = workshop.join(format!("{table}.tbl"));
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    for row in rows {
        writeln!(file, "{row}").unwrap();
    }
    file.flush().unwrap();
    let load = format!(
        "SET foreign_key_checks = 0, unique_checks = 0;
         LOAD DATA LOCAL INFILE '{}' INTO TABLE {table} FIELDS TERMINATED BY '|' LINES TERMINATED BY '|\\n'",
        path.display()
    );
    server.ask(DATABASE, &load);
    std::fs::remove_file(path).unwrap();
}
