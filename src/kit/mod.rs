//! Files around a migration, rendered from the spec: containers, manifests, configuration, connection strings, a runbook.
//!
//! Rendering is pure: the spec as it is written goes in, files come out. Nothing of the environment, the clock or the
//! machine gets into them, and no secret: `${NAME}` stays a variable, and a password that the spec holds becomes one.

mod address;
mod client;
mod context;
mod error;
mod measured;
mod names;
mod request;
mod source;
mod spec_copy;
mod step_files;
mod target;
mod templates;
mod tuning;

pub use client::Overlay;
pub use error::{HOW_TO_MEASURE, KitError};
pub use measured::RehearsalMeasure;
pub use request::{KitFile, KitRequest};
pub use step_files::step_files;

use context::TemplateContext;
use std::collections::BTreeSet;

/// Renders the files that this spec needs, in the order of their paths.
///
/// # Errors
/// The source's engine is not known, a template is wrong, or two files of the spec would have one name.
pub fn render(request: KitRequest<'_>) -> Result<Vec<KitFile>, KitError> {
    let templates = templates::KitTemplates::new(request.overrides.clone())?;
    let mut files = spec_copy::copies(&request);
    let mut context = TemplateContext::new(request.spec, request.written, request.overlays, request.measured, &files)?;
    for overlay in request.overlays {
        context.set_client(request.spec, overlay);
        files.push(templates.render_as("env", &format!(".env.{}", names::in_file_name(&overlay.name)), &context)?);
    }
    files.extend(templates.render_all(&mut context)?);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let paths = files.iter().map(|file| file.path.as_str()).collect::<BTreeSet<_>>();
    if paths.len() == files.len() { Ok(files) } else { Err(KitError::SameName { paths: twice(&files) }) }
}

fn twice(files: &[KitFile]) -> Vec<String> {
    let is_twice = |pair: &&[KitFile]| pair[0].path == pair[1].path;
    files.windows(2).filter(is_twice).map(|pair| pair[0].path.clone()).collect()
}
