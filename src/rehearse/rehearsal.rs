//! A rehearsal from beginning to end.

use super::estimate::Estimate;
use super::notes::notes_about;
use super::outcome::{KeptServer, Rehearsal};
use super::private_run::RehearsedRuns;
use super::real_target::RealTarget;
use super::sample_spec::{Sampled, sampled};
use crate::connection::TargetConnection;
use crate::name::quote_toml_text;
use crate::run::failpoint::reach;
use crate::run::{Events, ExecuteError, Stop};
use crate::spec::{Spec, TablesMode};
use crate::survey::{Depth, survey};
use crate::target::{Server, TargetError, ThrowAway};
use crate::verify::Sample;
use std::time::Instant;

/// Order for a rehearsal.
#[derive(Debug, Clone)]
pub struct RehearsalRequest {
    /// Take this part of the rows of large tables.
    pub sample: Option<Sample>,
    /// Connections to each side.
    pub jobs: usize,
    /// Keep the server to look at.
    pub keep: bool,
}

/// The spec of a kept server, in its directory.
const KEPT_SPEC: &str = "rehearsal.toml";

/// Carries the spec out on a private server, compares, measures, and removes the server.
///
/// # Errors
/// The private server does not start, the target's structure cannot be read where it is needed, or the user asked to stop. A
/// run that fails is an outcome, not an error.
pub async fn rehearse(
    spec: &Spec,
    request: &RehearsalRequest,
    stop: &Stop,
    events: &Events,
) -> Result<Rehearsal, ExecuteError> {
    let mut real = RealTarget::open(spec, stop).await?;
    let private = ThrowAway::start(&spec.name).await?;
    reach("rehearsal_began");
    let rehearsed = in_private(spec, request, &private, &mut real, stop, events).await;
    let closed = match real.server {
        Some(server) => server.close().await,
        None => Ok(()),
    };
    let kept = match (request.keep, &rehearsed) {
        (true, Ok(_)) => Some(keep(spec, private).await?),
        _ => {
            private.remove().await?;
            None
        }
    };
    let rehearsal = rehearsed?;
    closed?;
    Ok(Rehearsal { kept, ..rehearsal })
}

/// The rehearsal on the private server.
async fn in_private(
    spec: &Spec,
    request: &RehearsalRequest,
    private: &ThrowAway,
    real: &mut RealTarget,
    stop: &Stop,
    events: &Events,
) -> Result<Rehearsal, ExecuteError> {
    let (server, jobs) = (private.server(), request.jobs);
    let mut trial = spec.clone();
    trial.target.connection = TargetConnection::Embedded { spec_directory: private.directory().to_owned() };
    let outline = real.outline(&trial, private, stop).await?;
    let part = match request.sample {
        Some(sample) => Some(take_sample(&trial, server, sample, stop, events).await?),
        None => None,
    };
    let used = part.as_ref().map_or(&trial, |part| &part.spec);
    let mut way = RehearsedRuns::go(used, server, jobs, part.as_ref(), stop, events).await?;
    let postgresql = server.connect().await?.read_server_version().await?;
    let (mut probe, mut estimate) = (None, None);
    if let Some(measured) = way.measured() {
        let here = stop.or_end(server.probe()).await?;
        real.measure(stop).await?;
        estimate = real.is_known().then(|| Estimate::of(&measured, &here, real.shown.probe.as_ref(), jobs));
        probe = Some(here);
    }
    let mut notes = std::mem::take(&mut real.notes);
    notes.extend(notes_about(spec, outline.as_ref(), part.as_ref(), request.sample));
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if let Some(version) = real.shown.postgresql.as_ref().filter(|version| major(version) != major(&postgresql)) {
        notes.push(format!("The rehearsal ran on PostgreSQL {postgresql}, and the target is PostgreSQL {version}."));
    }
    let digest = part.map(|part| part.digest).or_else(|| way.plan.as_ref().map(|plan| plan.digest.clone()));
    Ok(Rehearsal {
        outcome: way.outcome(),
        sample: request.sample,
        postgresql,
        target: real.shown.clone(),
        outline,
        digest: digest.unwrap_or_default(),
        tables: way.tables(),
        steps: way.steps(),
        found: way.found(),
        phases: way.lines(estimate.as_ref()),
        stopped: way.stopped.take(),
        plan: way.plan,
        applied: way.applied,
        verification: way.verification,
        probe,
        estimate,
        notes,
        kept: None,
    })
}

/// The spec for a part of the rows. Keys of the application's tables that would miss the other rows go from the private server.
async fn take_sample(
    trial: &Spec,
    server: &Server,
    sample: Sample,
    stop: &Stop,
    events: &Events,
) -> Result<Sampled, ExecuteError> {
    let began = Instant::now();
    let session = server.connect().await?;
    let found = survey(trial, Some(&session), 1, Depth::AtStructure, stop, events).await?;
    let look = began.elapsed().as_secs_f64();
    let part = Sampled { look, ..sampled(trial, &found.catalog, &found.plan, sample) };
    if !part.tables.is_empty() && trial.target.tables == TablesMode::Existing {
        server.drop_foreign_keys().await?;
    }
    Ok(part)
}

/// Leaves the server to the user, with a spec by which `transship psql` finds it.
async fn keep(spec: &Spec, private: ThrowAway) -> Result<KeptServer, ExecuteError> {
    let (directory, elsewhere) = private.keep().await?;
    let path = directory.join(KEPT_SPEC);
    let text = format!(
        "# The server of a rehearsal: transship psql {}\nspec = 1\nname = {}\n[source]\nurl = \"sqlite:none.db\"\n\
         [target]\nurl = \"embedded:\"\n",
        path.display(),
        quote_toml_text(&spec.name)
    );
    std::fs::write(&path, text).map_err(TargetError::Scratch)?;
    Ok(KeptServer { directory, spec: path, elsewhere })
}
