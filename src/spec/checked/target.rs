//! Checks `[target]`.

use super::Checker;
use super::databases::Databases;
use super::source::or_choose;
use crate::connection::{TargetConnection, TlsMode, parse_target_url, unset_target};
use crate::name::{NameStyle, Schemas, hint_of_known};
use crate::spec::data_mode::DataMode;
use crate::spec::model::{Privileges, TablesMode, TargetSpec, TextComparison};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawField, RawGrant, RawTarget};
use crate::spec::read::{Scalar, Text};
use std::collections::BTreeMap;
use toml::Spanned;

/// Privileges on tables. Source: PostgreSQL documentation, section 5.8. (MAINTAIN came with PostgreSQL 17.)
const PRIVILEGES: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

impl Checker<'_> {
    pub(super) fn target(
        &self,
        raw: &RawTarget,
        databases: Option<&Option<Databases>>,
        environments: &[String],
    ) -> Option<TargetSpec> {
        let connection = match &raw.url {
            RawField::Absent => {
                let hint = "write url = \"${DATABASE_URL}\"";
                self.missing("url", raw.place.clone(), "[target]", &or_choose(hint, environments))
            }
            RawField::Unreadable => None,
            RawField::Read(url) => match self.unset_variable(url).filter(|_| self.environment.may_be_unset.target) {
                Some(variable) => Some(TargetConnection::Unset { variable }),
                None => {
                    let parsed = self.url(url, |text| parse_target_url(text, self.directory), &unset_target);
                    parsed.map(|(_, connection)| connection)
                }
            },
        };
        let tls = raw.tls.as_ref().and_then(|tls| self.word("tls", &self.expanded(tls)?, &TlsMode::ALL));
        let trusted_roles = self.distinct("trusted_roles", raw.trusted_roles.as_ref(), true);
        let connection = connection.and_then(|mut connection| {
            if let TargetConnection::Postgres(server) = &mut connection {
                server.trusted_roles = trusted_roles;
                if let (Some(mode), Some(text)) = (tls, &raw.tls)
                    && let Err(error) = server.protect(Some(mode))
                {
                    let problem =
                        Problem::new(code::CONTRADICTION, text.span(), error.message).label("weaker than that");
                    return self.report(problem.hint("write tls = \"verify-full\", or leave the key out"));
                }
            }
            Some(connection)
        });
        let tables = self.tables_mode(raw);
        let schemas = match (databases, &raw.schema) {
            (Some(databases), _) => self.schemas_of(raw, databases.as_ref()),
            (None, Some(schema)) => self.schema("schema", schema).map(|schema| Schemas::one(&schema)),
            (None, None) => Some(Schemas::one("public")),
        };
        let names = match &raw.names {
            Some(names) => self.expanded(names).and_then(|value| self.word("names", &value, &NameStyle::ALL)),
            None => Some(NameStyle::default()),
        };
        let comparison = raw
            .comparison
            .as_ref()
            .and_then(|comparison| self.word("comparison", &self.expanded(comparison)?, &TextComparison::ALL));
        let data = raw.data.as_ref().and_then(|data| self.word("data", &self.expanded(data)?, &DataMode::ALL));
        Some(TargetSpec {
            data: data.unwrap_or_default(),
            extensions: self.distinct("extensions", raw.extensions.as_ref(), true),
            settings: self.settings(&raw.settings),
            grants: self.grants(&raw.grants),
            connection: connection?,
            schemas: schemas?,
            tables: tables?,
            existing_rows: self.existing_rows(raw.existing_rows.as_ref(), tables).unwrap_or_default(),
            schema_version: self.schema_version(raw.schema_version.as_ref(), tables).unwrap_or_default(),
            names: names?,
            comparison,
        })
    }

    /// Maker of the tables; `None` if the word is not known.
    pub(super) fn tables_mode(&self, raw: &RawTarget) -> Option<TablesMode> {
        let Some(tables) = &raw.tables else { return Some(TablesMode::default()) };
        let value = self.expanded(tables)?;
        self.word("tables", &value, &TablesMode::ALL)
    }

    pub(super) fn schema(&self, key: &str, text: &Text) -> Option<String> {
        let value = self.expanded(text)?;
        let span = value.span.clone();
        let schema = self.identifier(key, value)?;
        // Source: PostgreSQL documentation, section 5.10.5.
        let reserved = match schema.as_str() {
            "transship" => "the schema `transship` is where the ledger lives",
            "information_schema" => "the schema `information_schema` belongs to PostgreSQL",
            schema if schema.starts_with("pg_") => "schemas that begin with `pg_` belong to PostgreSQL",
            _ => return Some(schema),
        };
        self.report(Problem::new(code::BAD_VALUE, span, reserved).label("reserved").hint("choose another name"))
    }

    fn settings(&self, raw: &[(Text, Spanned<Scalar>)]) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        for (name, setting) in raw {
            let well_formed = |part: &str| {
                part.starts_with(|first: char| first.is_alphabetic() || first == '_')
                    && part.chars().all(|character| character.is_alphanumeric() || character == '_' || character == '$')
            };
            if !name.get_ref().split('.').all(well_formed) {
                let message = format!("`{}` cannot be the name of a setting", name.get_ref());
                self.problems.report(Problem::new(code::BAD_VALUE, name.span(), message).label("not a name"));
            }
            let value = match setting.get_ref() {
                Scalar::Text(text) => {
                    self.expanded(&Spanned::new(setting.span(), text.clone())).map(|value| value.text)
                }
                Scalar::Integer(number) | Scalar::Float(number) => Some(number.clone()),
                Scalar::Boolean(boolean) => Some(if *boolean { "on" } else { "off" }.to_owned()),
            };
            settings.extend(value.map(|value| (name.get_ref().clone(), value)));
        }
        settings
    }

    fn grants(&self, raw: &[(Text, RawGrant)]) -> BTreeMap<String, Privileges> {
        let mut grants = BTreeMap::new();
        for (role, grant) in raw {
            let Some(role) = self.name(role, "role") else {
                continue;
            };
            let privileges = match grant {
                RawGrant::Word(word) => self.expanded(word).and_then(|value| {
                    self.word(&role, &value, &[("all", true), ("read", false)])
                        .map(|all| if all { Privileges::All } else { Privileges::Read })
                }),
                RawGrant::Listed(listed) => self.privileges(&role, listed),
            };
            grants.extend(privileges.map(|privileges| (role, privileges)));
        }
        grants
    }

    fn privileges(&self, role: &str, listed: &Spanned<Vec<Text>>) -> Option<Privileges> {
        if listed.get_ref().is_empty() {
            let problem = Problem::new(code::BAD_VALUE, listed.span(), format!("`{role}` is granted nothing"));
            return self.report(problem.label("empty").hint("name privileges, or remove the role"));
        }
        let mut privileges: Vec<String> = Vec::new();
        for text in listed.get_ref() {
            let Some(value) = self.expanded(text) else {
                continue;
            };
            let privilege = value.text.to_ascii_uppercase();
            let problem = if !PRIVILEGES.contains(&privilege.as_str()) {
                Problem::new(code::BAD_VALUE, value.span, format!("`{}` is not a privilege on tables", value.shown))
                    .label("not known")
                    .hint(hint_of_known(&privilege, &PRIVILEGES, "privileges are"))
            } else if privileges.contains(&privilege) {
                Problem::new(code::DUPLICATE, value.span, format!("{privilege} is given twice"))
                    .label("the second time")
            } else {
                privileges.push(privilege);
                continue;
            };
            self.problems.report(problem);
        }
        Some(Privileges::Listed(privileges))
    }
}
