//! Input and output of rendering.

use super::client::Overlay;
use super::measured::RehearsalMeasure;
use crate::spec::{Spec, WrittenSpec};
use crate::template::Override;

/// A file of the kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitFile {
    /// Path in the kit's directory, with `/`.
    pub path: String,
    /// The text, which ends with a line break.
    pub text: String,
    /// Whether it is run as a program.
    pub is_program: bool,
}

/// Input of a kit.
#[derive(Debug)]
pub struct KitRequest<'a> {
    /// The spec with the chosen overlay.
    pub spec: &'a Spec,
    /// The same as it is written.
    pub written: &'a WrittenSpec,
    /// The environments of the application: the document itself, and each overlay.
    pub overlays: &'a [Overlay],
    /// Texts of the files that the spec names, in the order of [`super::step_files`].
    pub step_files: &'a [String],
    /// Files that replace templates of DDL; copied with the spec.
    pub ddl_templates: &'a [Override],
    /// Files that replace templates of the kit.
    pub overrides: Vec<Override>,
    /// A rehearsal's evidence.
    pub measured: Option<RehearsalMeasure>,
}
