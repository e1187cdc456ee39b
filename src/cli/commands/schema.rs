//! `transship schema`

use super::super::arguments::SchemaArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::write;
use transship::spec::schema::SCHEMA;

pub(super) fn run(arguments: &SchemaArguments) -> Result<Exit, Failure> {
    write(SCHEMA, arguments.out.as_deref())?;
    Ok(Exit::Done)
}
