//! The templates of a kit: their files, their paths in the kit, and which spec needs them.

use super::context::TemplateContext;
use super::error::KitError;
use super::request::KitFile;
use crate::name::shell_quoted;
use crate::template::{Override, TemplateSet};

/// Reason for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TemplateCondition {
    /// Every kit.
    Always,
    /// Docker or Kubernetes.
    Container,
    /// A container without a ready image.
    OwnImage,
    /// `docker`
    Docker,
    /// `kubernetes`
    Kubernetes,
    /// Kubernetes with a namespace.
    Namespace,
    /// `server`
    Server,
    /// A server with trusted networks.
    Firewall,
    /// A machine that is no container.
    Machine,
    /// `wsl`
    Wsl,
    /// A target that refuses connections without TLS.
    Tls,
}

/// A template: its name without `.j2`, its text, the path that it is rendered to, who needs it, and whether it is a program.
struct KitTemplate(&'static str, &'static str, &'static str, TemplateCondition, bool);

macro_rules! template {
    ($name:literal, $path:literal, $need:expr, $program:expr) => {
        KitTemplate($name, include_str!(concat!("../../templates/kit/", $name, ".j2")), $path, $need, $program)
    };
}

/// The connection strings of one environment, which are rendered for each.
const ENV: (&str, &str) = ("env", include_str!("../../templates/kit/env.j2"));

/// The files in an order in which each may hold those before it.
const TEMPLATES: [KitTemplate; 27] = [
    template!("database.sql", "init/10-database.sql", TemplateCondition::Always, false),
    template!("configuration.sh", "init/00-configuration.sh", TemplateCondition::Container, true),
    template!("postgresql.conf", "server/postgresql.conf", TemplateCondition::Always, false),
    template!("backup.sh", "backup/backup.sh", TemplateCondition::Always, true),
    template!("docker-compose.yml", "docker-compose.yml", TemplateCondition::Docker, false),
    template!("Dockerfile", "Dockerfile", TemplateCondition::OwnImage, false),
    template!("certificates.sh", "tls/certificates.sh", TemplateCondition::Tls, true),
    template!("kubernetes-namespace.yaml", "kubernetes/namespace.yaml", TemplateCondition::Namespace, false),
    template!("kubernetes-configmap.yaml", "kubernetes/configmap.yaml", TemplateCondition::Kubernetes, false),
    template!("kubernetes-service.yaml", "kubernetes/service.yaml", TemplateCondition::Kubernetes, false),
    template!("kubernetes-statefulset.yaml", "kubernetes/statefulset.yaml", TemplateCondition::Kubernetes, false),
    template!("kubernetes-volumes.yaml", "kubernetes/volumes.yaml", TemplateCondition::Kubernetes, false),
    template!("kubernetes-cronjob.yaml", "kubernetes/cronjob.yaml", TemplateCondition::Kubernetes, false),
    template!("kubernetes-job.yaml", "kubernetes/migration/job.yaml", TemplateCondition::Kubernetes, false),
    template!("kubernetes-kustomization.yaml", "kubernetes/kustomization.yaml", TemplateCondition::Kubernetes, false),
    template!("pg_hba.conf", "server/pg_hba.conf", TemplateCondition::Server, false),
    template!("pgbouncer.ini", "server/pgbouncer.ini", TemplateCondition::Server, false),
    template!("userlist.txt", "server/userlist.template.txt", TemplateCondition::Server, false),
    template!("ufw.sh", "server/ufw.sh", TemplateCondition::Firewall, true),
    template!("backup.env", "backup/backup.env", TemplateCondition::Machine, false),
    template!("backup.service", "systemd/backup.service", TemplateCondition::Server, false),
    template!("backup.timer", "systemd/backup.timer", TemplateCondition::Server, false),
    template!("wsl-start.sh", "wsl/start.sh", TemplateCondition::Wsl, true),
    template!("wsl-crontab", "wsl/crontab", TemplateCondition::Wsl, false),
    template!("wsl-task.ps1", "wsl/task.ps1", TemplateCondition::Wsl, false),
    template!("gitignore", ".gitignore", TemplateCondition::Always, false),
    template!("RUNBOOK.md", "RUNBOOK.md", TemplateCondition::Always, false),
];

/// Compiled templates.
pub(super) struct KitTemplates(TemplateSet);

impl KitTemplates {
    pub(super) fn new(overrides: Vec<Override>) -> Result<Self, KitError> {
        let built_in = TEMPLATES.iter().map(|KitTemplate(name, text, ..)| (*name, *text)).chain([ENV]);
        let set = TemplateSet::of_lines(built_in.map(|(name, text)| (file_name(name), text)), overrides)?;
        Ok(Self(
            set.with_filter("yaml", yaml)
                .with_filter("compose", compose)
                .with_filter("compose_value", compose_value)
                .with_filter("shell", shell_quoted)
                .with_filter("dotenv", dotenv)
                .with_filter("bouncer", bouncer),
        ))
    }

    /// Renders the files that the context needs.
    pub(super) fn render_all(&self, context: &mut TemplateContext) -> Result<Vec<KitFile>, KitError> {
        let mut files = Vec::new();
        for KitTemplate(name, _, path, need, is_program) in &TEMPLATES {
            if !context.needs(*need) {
                continue;
            }
            let file = KitFile { is_program: *is_program, ..self.render_as(name, path, context)? };
            context.rendered.insert(variable_of(name), file.text.clone());
            context.paths.push(file.path.clone());
            files.push(file);
        }
        Ok(files)
    }

    /// Renders one template.
    pub(super) fn render_as(&self, name: &str, path: &str, context: &TemplateContext) -> Result<KitFile, KitError> {
        let text = self.0.render(&file_name(name), context)? + "\n";
        Ok(KitFile { path: path.to_owned(), text, is_program: false })
    }
}

fn file_name(name: &str) -> String {
    format!("{name}.j2")
}

/// Name of a file's text in the templates behind it.
fn variable_of(name: &str) -> String {
    name.replace(['.', '-'], "_")
}

/// A string of YAML: one of JSON is one.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The same in a file of Docker Compose, which reads `$` as the beginning of a variable.
fn compose(text: &str) -> String {
    yaml(text).replace('$', "$$")
}

/// The same of a value in which the spec's own variables stay variables.
fn compose_value(text: &str) -> String {
    dollars(&yaml(text), "$$")
}

/// The text with `escaped` in place of each `$` that begins no variable in braces.
fn dollars(text: &str, escaped: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let name = text[at..].strip_prefix("${");
        let is_variable =
            name.is_some_and(|name| name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'));
        if letter == '$' && !is_variable { written.push_str(escaped) } else { written.push(letter) }
    }
    written
}

/// A value of a dotenv file, which a shell and systemd read as well: within double quotes where it is no plain word. The spec's
/// own variables in it stay variables, and no other word begins one, or a command.
fn dotenv(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_.:/-,@%+={}$".contains(letter);
    if text.chars().all(is_plain) && dollars(text, "") == text {
        return text.to_owned();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`");
    format!("\"{}\"", dollars(&escaped, "\\$"))
}

/// A database's name for clients of PgBouncer, whose configuration takes no quotes there.
fn bouncer(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || "_.-".contains(letter) { letter } else { '-' };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_begins_a_variable_of_the_spec_and_nothing_else() {
        assert_eq!(dotenv("${NAME}.x"), "${NAME}.x");
        assert_eq!(dotenv("a$b $(touch x) ${NAME:-y}"), "\"a\\$b \\$(touch x) ${NAME:-y}\"");
        assert_eq!(dotenv("a$b"), "\"a\\$b\"");
        assert_eq!(compose_value("a$b${NAME}"), "\"a$$b${NAME}\"");
    }
}
