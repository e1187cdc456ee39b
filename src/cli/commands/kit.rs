//! `transship kit`

use super::super::arguments::KitArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::kit_directory::KitDirectory;
use super::super::printer;
use super::variable;
use std::path::{Path, PathBuf};
use transship::kit::{HOW_TO_MEASURE, KitError, KitRequest, Overlay, RehearsalMeasure, render, step_files};
use transship::spec;
use transship::spec::confinement::{Confinement, FileRefusal, TEMPLATE_EXTENSION};
use transship::spec::{MayBeUnset, Spec, WrittenSpec};
use transship::template::Override;

/// Directory with templates of the kit, in that of the templates that the spec names.
const TEMPLATES: &str = "kit";

/// The environment of the document itself.
const USUAL: &str = "dev";

pub(super) fn run(arguments: &KitArguments) -> Result<Exit, Failure> {
    let path = &arguments.spec.spec;
    let (spec, written) = load(path, arguments.spec.env.as_deref())?;
    let overlays = overlays(path, &written)?;
    let measured = arguments.measured.as_deref().map(|file| measured(file, &spec)).transpose()?;
    let confinement = Confinement::of(path.parent().unwrap_or(Path::new("")));
    let confinement = confinement.map_err(|error| unreadable(path, &error.into()))?;
    let step_files = step_files(&written, &overlays)
        .into_iter()
        .map(|(_, file)| confinement.read(Path::new(file)).map_err(|refusal| unreadable(Path::new(file), &refusal)));
    let step_files = step_files.collect::<Result<Vec<_>, _>>()?;
    let directory = written.templates.as_ref().map(|(_, directory)| PathBuf::from(directory));
    let ddl_templates = directory.as_deref().map(|directory| templates(&confinement, directory)).transpose()?;
    let own = directory.map(|directory| directory.join(TEMPLATES));
    let own = own.filter(|own| path.parent().unwrap_or(Path::new("")).join(own).is_dir());
    let overrides = own.as_deref().map(|own| templates(&confinement, own)).transpose()?;
    let files = render(KitRequest {
        spec: &spec,
        written: &written,
        overlays: &overlays,
        step_files: &step_files,
        ddl_templates: &ddl_templates.unwrap_or_default(),
        overrides: overrides.unwrap_or_default(),
        measured,
    })?;
    let kept = KitDirectory::open(&arguments.out)?.write(&files, arguments.force)?;
    for path in &kept.written {
        printer::say(&format!("wrote {}", arguments.out.join(path).display()));
    }
    for path in &kept.left_over {
        printer::say(&format!("{} is no longer part of the kit; remove it", arguments.out.join(path).display()));
    }
    let (written, unchanged) = (kept.written.len(), files.len() - kept.written.len());
    let files = if written == 1 { "file" } else { "files" };
    printer::say(&format!("{}: {written} {files} written, {unchanged} unchanged", arguments.out.display()));
    printer::say(&format!("next: {}", arguments.out.join("RUNBOOK.md").display()));
    Ok(Exit::Done)
}

/// The spec as it is written and checked. Variables of its URLs have no value here: what is rendered is the same whether they
/// are set or not.
fn load(path: &Path, environment: Option<&str>) -> Result<(Spec, WrittenSpec), Failure> {
    let Some(written) = spec::written(path, environment)? else {
        // The document lacks something, or has something wrong, which this names.
        let spec = spec::load_without(path, environment, &variable, MayBeUnset { source: true, target: true })?;
        let message = format!("{} has no URLs to render a kit from", spec.path.display());
        return Err(Failure::new(Exit::WrongInput, message, None));
    };
    let of_urls = written.source.variables().chain(written.target.variables()).collect::<Vec<_>>();
    let value = |name: &str| if of_urls.contains(&name) { None } else { variable(name) };
    let spec = spec::load_without(path, environment, &value, MayBeUnset { source: true, target: true })?;
    Ok((spec, written))
}

/// The environments of the application. The document itself is the one for development, unless an overlay has that name, or it
/// is none without an overlay.
fn overlays(path: &Path, written: &WrittenSpec) -> Result<Vec<Overlay>, Failure> {
    let mut overlays = Vec::new();
    if !written.environments.iter().any(|name| name == USUAL) && spec::written(path, None)?.is_some() {
        let (spec, written) = load(path, None)?;
        overlays.push(Overlay { name: USUAL.to_owned(), spec, written });
    }
    for name in &written.environments {
        let (spec, written) = load(path, Some(name))?;
        overlays.push(Overlay { name: name.clone(), spec, written });
    }
    Ok(overlays)
}

fn measured(file: &Path, spec: &Spec) -> Result<RehearsalMeasure, Failure> {
    let wrong = |message: String, hint: Option<String>| {
        Failure::new(Exit::WrongInput, format!("{}: {message}", file.display()), hint)
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| wrong(error.to_string(), Some(HOW_TO_MEASURE.to_owned())))?;
    RehearsalMeasure::parse(&text, &spec.name).map_err(|error| wrong(error.to_string(), error.hint()))
}

/// The templates in a directory of the spec's repository.
fn templates(confinement: &Confinement, directory: &Path) -> Result<Vec<Override>, Failure> {
    let files = confinement.read_all(directory, TEMPLATE_EXTENSION);
    let files = files.map_err(|(path, refusal)| unreadable(&path, &refusal))?;
    Ok(files.into_iter().map(|(path, text)| Override { path, text }).collect())
}

fn unreadable(path: &Path, refusal: &FileRefusal) -> Failure {
    Failure::new(Exit::WrongInput, format!("{} {refusal}", path.display()), Some(refusal.hint().to_owned()))
}

impl From<KitError> for Failure {
    fn from(error: KitError) -> Self {
        match &error {
            KitError::Template(template) => Self::of_template(template, error.to_string(), error.hint()),
            _ => Self::new(Exit::WrongInput, error.to_string(), error.hint()),
        }
    }
}
