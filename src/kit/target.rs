//! The target as a kit makes it: database, owner, roles, schemas, and what protects the connection.

use super::address::{Address, AddressPart};
use super::names;
use crate::spec::{Privileges, Spec, WrittenSpec};
use serde::Serialize;

/// Variable of the administrator's password in PostgreSQL's image.
pub(super) const ADMINISTRATOR: &str = "POSTGRES_PASSWORD";

/// The target's facts for templates.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TargetContext {
    /// Variable that is the target's URL in the kit's copy of the spec.
    pub(super) variable: String,
    /// Name of the database, with variables.
    pub(super) database: String,
    /// The same inside of a URL.
    pub(super) database_in_url: String,
    /// Role that owns the database and runs the migration.
    pub(super) owner: String,
    pub(super) owner_in_url: String,
    /// Variable of its password.
    pub(super) owner_password: String,
    /// Role as which the application connects.
    pub(super) application: String,
    pub(super) application_password: String,
    pub(super) roles: Vec<Role>,
    /// Variables of the passwords of owner and roles, each once, without the administrator's.
    pub(super) passwords: Vec<String>,
    pub(super) schemas: Vec<String>,
    pub(super) extensions: Vec<String>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) timezone: Option<String>,
    /// libpq's word for the protection of the connection.
    pub(super) sslmode: String,
    /// Whether connections without TLS are refused.
    pub(super) requires_tls: bool,
    /// Whether clients check the server's certificate.
    pub(super) checks_certificate: bool,
    pub(super) makes_tables: bool,
}

/// A role of `target.grants`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Role {
    pub(super) name: String,
    /// Variable of its password.
    pub(super) password: String,
    /// Privileges on tables.
    pub(super) privileges: String,
    /// Privileges on sequences.
    pub(super) sequences: String,
    /// Whether it may make objects in the schema.
    pub(super) creates: bool,
    /// Whether it may write rows.
    pub(super) writes: bool,
}

impl TargetContext {
    pub(super) fn of(spec: &Spec, written: &WrittenSpec) -> Self {
        let address = Address::of(&written.target).unwrap_or_default();
        let variable = written.target.whole_variable().map_or("DATABASE_URL", |(name, _)| name);
        let literal = |part: &Option<AddressPart>| part.as_ref().and_then(AddressPart::as_literal).map(str::to_owned);
        let owner = literal(&address.user).unwrap_or_else(|| format!("{}_owner", spec.name));
        let password = address.password.as_ref().and_then(AddressPart::as_variable).map(str::to_owned);
        let owner_password = password.unwrap_or_else(|| password_of(&owner));
        let roles =
            spec.target.grants.iter().filter(|(name, _)| **name != owner).map(|(name, granted)| role(name, granted));
        let mut roles = roles.collect::<Vec<_>>();
        let mut used = vec![owner_password.clone()];
        for role in &mut roles {
            // `o'x` and `o"x` are two roles, and have two passwords.
            let (plain, mut number) = (role.password.clone(), 1);
            while used.contains(&role.password) {
                number += 1;
                role.password = format!("{plain}_{number}");
            }
            used.push(role.password.clone());
        }
        let passwords = used.into_iter().filter(|password| password != ADMINISTRATOR).collect();
        let application = roles.iter().find(|role| role.writes);
        let database = address.database.unwrap_or_else(|| AddressPart::literal(&spec.name));
        let sslmode = protection(&Address::of(&written.target).unwrap_or_default(), written);
        let timezone = spec.target.settings.iter().find(|(name, _)| name.eq_ignore_ascii_case("timezone"));
        Self {
            variable: variable.to_owned(),
            database: database.text(),
            database_in_url: database.in_url(),
            owner_in_url: AddressPart::literal(&owner).in_url(),
            application: application.map_or_else(|| owner.clone(), |role| role.name.clone()),
            application_password: application.map_or_else(|| owner_password.clone(), |role| role.password.clone()),
            owner,
            owner_password,
            passwords,
            roles,
            schemas: spec.target.schemas.iter().map(|schema| schema.name().to_owned()).collect(),
            extensions: spec.target.extensions.clone(),
            settings: spec.target.settings.clone().into_iter().collect(),
            timezone: timezone.map(|(_, zone)| zone.clone()),
            requires_tls: matches!(sslmode.as_str(), "require" | "verify-ca" | "verify-full"),
            checks_certificate: sslmode.starts_with("verify"),
            sslmode,
            makes_tables: spec.target.tables != crate::spec::TablesMode::Existing,
        }
    }
}

/// libpq's word for the protection of a connection: `target.tls`, or the URL's.
pub(super) fn protection(address: &Address, written: &WrittenSpec) -> String {
    let of_url = || address.parameter("sslmode").and_then(AddressPart::as_literal).map(str::to_owned);
    written.tls.clone().or_else(of_url).unwrap_or_else(|| "prefer".to_owned())
}

/// Variable of a role's password.
pub(super) fn password_of(role: &str) -> String {
    format!("{}_PASSWORD", names::variable(role))
}

fn role(name: &str, granted: &Privileges) -> Role {
    let (privileges, writes) = match granted {
        Privileges::All => ("ALL".to_owned(), true),
        Privileges::Read => ("SELECT".to_owned(), false),
        Privileges::Listed(listed) => {
            (listed.join(", "), listed.iter().any(|word| matches!(word.as_str(), "INSERT" | "UPDATE" | "DELETE")))
        }
    };
    Role {
        name: name.to_owned(),
        password: password_of(name),
        privileges,
        sequences: if writes { "SELECT, USAGE" } else { "SELECT" }.to_owned(),
        creates: *granted == Privileges::All,
        writes,
    }
}
