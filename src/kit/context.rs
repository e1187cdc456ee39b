//! The facts that templates of a kit may use.

use super::client::{ApplicationClient, Overlay, Owner};
use super::error::KitError;
use super::measured::RehearsalMeasure;
use super::names;
use super::request::KitFile;
use super::source::SourceContext;
use super::spec_copy;
use super::target::{ADMINISTRATOR, TargetContext};
use super::tuning::Tuning;
use crate::name::shell_word;
use crate::spec::{KitSpec, Platform, Spec, WrittenSpec};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Everything that a template sees.
#[derive(Debug, Serialize)]
pub(super) struct TemplateContext {
    /// The spec's name.
    name: String,
    /// The same for containers, resources and units.
    label: String,
    /// The same for variables.
    prefix: String,
    /// File name of the spec.
    spec_file: String,
    /// ` --env NAME`, or nothing.
    env_flag: String,
    /// The environment of the application that goes with it.
    env_name: String,
    /// The same as a part of a file's name.
    env_file: String,
    environments: Vec<String>,
    version: &'static str,
    source: SourceContext,
    target: TargetContext,
    /// Variables of all passwords and of everything else that has to be given, each once.
    secrets: Vec<String>,
    postgresql: Image,
    /// transship's image.
    image: String,
    /// Whether it is built by the Dockerfile.
    builds_image: bool,
    docker: bool,
    kubernetes: bool,
    server: bool,
    wsl: bool,
    namespace: Option<String>,
    /// Storage in MiB.
    storage: u64,
    trusted: Vec<String>,
    pool: Pool,
    backup: BackupContext,
    tuning: Tuning,
    /// The spec and its files.
    files: Vec<SpecFile>,
    measured: Option<RehearsalMeasure>,
    /// How the migration connects.
    owner: Owner,
    /// How the application connects, in the environment that is rendered.
    client: ApplicationClient,
    /// Texts of the files that were rendered so far, by the name of their template.
    pub(super) rendered: BTreeMap<String, String>,
    /// Their paths.
    pub(super) paths: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Image {
    image: String,
    /// Image of Debian with the programs of the same version.
    tools_image: String,
    major: u32,
    /// Number of the user that the image runs the server as.
    user: u32,
    /// Directory of the image that is to outlive the container. Source: the image's documentation, "PGDATA".
    volume: &'static str,
}

#[derive(Debug, Serialize)]
struct Pool {
    size: u64,
    overflow: u64,
    timeout: u64,
    recycle: u64,
    connect_timeout: u64,
    statement_timeout: u64,
}

#[derive(Debug, Serialize)]
struct BackupContext {
    /// Hour and minute, two digits each.
    hour: String,
    minute: String,
    /// Both as a crontab has them.
    cron: String,
    keep: u64,
    /// Whether `apply` wants a fresh backup.
    before_apply: bool,
    /// Directory of the backups that `apply` looks for, in a container.
    in_container: String,
    /// Whether it is another than that of the spec.
    is_elsewhere: bool,
}

/// A file of the spec in a ConfigMap, whose keys have no slashes.
#[derive(Debug, Serialize)]
struct SpecFile {
    key: String,
    path: String,
    text: String,
}

/// Extensions that the official image does not have, and images of a major version that do.
const IMAGES: [(&str, &str); 2] =
    [("vector", "pgvector/pgvector:pg{major}"), ("postgis", "postgis/postgis:{major}-3.5")];

impl TemplateContext {
    pub(super) fn new(
        spec: &Spec,
        written: &WrittenSpec,
        overlays: &[Overlay],
        measured: Option<RehearsalMeasure>,
        files: &[KitFile],
    ) -> Result<Self, KitError> {
        let kit = &spec.kit;
        let is_for = |platform| kit.platforms.contains(&platform);
        let version = env!("CARGO_PKG_VERSION");
        let pool = &kit.pool;
        let environment = spec.environment.clone();
        let spec_file = |file: &KitFile| {
            let path = file.path.trim_start_matches("spec/").to_owned();
            SpecFile { key: path.replace(|letter: char| !is_key(letter), "_"), path, text: file.text.clone() }
        };
        let (source, target) = (SourceContext::of(spec, written)?, TargetContext::of(spec, written));
        let backups = in_container(spec);
        let mut secrets = vec![ADMINISTRATOR.to_owned()];
        let given = source.variables.iter().filter(|variable| variable.is_given).map(|variable| &variable.name);
        for name in target.passwords.iter().chain(given) {
            if !secrets.contains(name) {
                secrets.push(name.clone());
            }
        }
        Ok(Self {
            secrets,
            label: names::label(&spec.name),
            prefix: names::variable(&spec.name),
            spec_file: spec_copy::file_name(spec),
            env_flag: environment.as_ref().map(|name| format!(" --env {}", shell_word(name))).unwrap_or_default(),
            env_file: names::in_file_name(environment.as_deref().unwrap_or("dev")),
            env_name: environment.unwrap_or_else(|| "dev".to_owned()),
            environments: overlays.iter().map(|overlay| overlay.name.clone()).collect(),
            name: spec.name.clone(),
            version,
            source,
            target,
            postgresql: Image::of(kit, &spec.target.extensions),
            image: kit.image.clone().unwrap_or_else(|| format!("transship:{version}")),
            builds_image: kit.image.is_none(),
            docker: is_for(Platform::Docker),
            kubernetes: is_for(Platform::Kubernetes),
            server: is_for(Platform::Server),
            wsl: is_for(Platform::Wsl),
            namespace: kit.namespace.clone(),
            storage: kit.storage,
            trusted: kit.trusted.clone(),
            pool: Pool {
                size: pool.size,
                overflow: pool.overflow,
                timeout: pool.timeout,
                recycle: pool.recycle,
                connect_timeout: pool.connect_timeout,
                statement_timeout: pool.statement_timeout,
            },
            backup: BackupContext {
                hour: format!("{:02}", kit.backup.hour),
                minute: format!("{:02}", kit.backup.minute),
                cron: format!("{} {} * * *", kit.backup.minute, kit.backup.hour),
                keep: kit.backup.keep,
                before_apply: spec.backup.before_apply,
                is_elsewhere: !backups.starts_with(SPEC)
                    || Path::new(&backups).components().any(|part| part == Component::ParentDir),
                in_container: backups,
            },
            tuning: Tuning::of(kit.memory, kit.cores, pool.size + pool.overflow),
            files: files.iter().map(spec_file).collect(),
            measured,
            owner: Owner::of(spec, written, &names::variable(&spec.name)),
            client: ApplicationClient::default(),
            rendered: BTreeMap::new(),
            paths: Vec::new(),
        })
    }

    /// Sets the environment of the application.
    pub(super) fn set_client(&mut self, spec: &Spec, overlay: &Overlay) {
        self.client = ApplicationClient::of(overlay, &self.label, &self.prefix, spec.kit.pool.connect_timeout);
    }

    /// Whether a file is needed.
    pub(super) fn needs(&self, need: super::templates::TemplateCondition) -> bool {
        use super::templates::TemplateCondition;
        match need {
            TemplateCondition::Always => true,
            TemplateCondition::Container => self.docker || self.kubernetes,
            TemplateCondition::OwnImage => (self.docker || self.kubernetes) && self.builds_image,
            TemplateCondition::Docker => self.docker,
            TemplateCondition::Kubernetes => self.kubernetes,
            TemplateCondition::Namespace => self.kubernetes && self.namespace.is_some(),
            TemplateCondition::Server => self.server,
            TemplateCondition::Firewall => self.server && !self.trusted.is_empty(),
            TemplateCondition::Machine => self.server || self.wsl,
            TemplateCondition::Wsl => self.wsl,
            TemplateCondition::Tls => self.target.requires_tls,
        }
    }
}

impl Image {
    fn of(kit: &KitSpec, extensions: &[String]) -> Self {
        let major = kit.postgresql.split(|letter: char| !letter.is_ascii_digit()).next();
        let major = major.and_then(|major| major.parse().ok()).unwrap_or(16);
        let special = IMAGES.iter().find(|(name, _)| extensions.iter().any(|extension| extension == name));
        let usual = || {
            special.map_or_else(
                || format!("postgres:{}", kit.postgresql),
                |(_, image)| image.replace("{major}", &major.to_string()),
            )
        };
        let image = kit.postgresql_image.clone().unwrap_or_else(usual);
        Self {
            user: if image.contains("alpine") { 70 } else { 999 },
            volume: if major >= 18 { "/var/lib/postgresql" } else { "/var/lib/postgresql/data" },
            tools_image: if image.contains("alpine") { format!("postgres:{major}-bookworm") } else { image.clone() },
            image,
            major,
        }
    }
}

/// Directory of the spec in a container.
const SPEC: &str = "/kit/spec/";

/// Directory of the spec's backups in a container.
fn in_container(spec: &Spec) -> String {
    let directory = &spec.backup.directory;
    let below = spec.path.parent().and_then(|parent| directory.strip_prefix(parent).ok());
    below.map_or_else(|| directory.display().to_string(), |below| format!("{SPEC}{}", below.display()))
}

fn is_key(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "._-".contains(letter)
}
