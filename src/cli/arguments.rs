//! The arguments, and the help that explains them.

pub(super) use super::argument_parts::{DocumentFormat, JobCount, SpecArguments};
use super::back_arguments::BackArguments;
use super::backup_arguments::{BackupArguments, RestoreArguments};
use super::bench_arguments::BenchArguments;
use super::cutover_arguments::CutoverArguments;
use super::rehearse_arguments::RehearseArguments;
use super::reports::ReportFile;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Migrates a SQLite, MySQL or MariaDB database into PostgreSQL: a spec in git, a plan in review, a proof at the end.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit codes:\n  0  done, or nothing to do\n  1  it failed while running; nothing is lost, run the same command again\n  2  the command line, the spec or a URL is wrong; nothing was touched\n  3  data is not right: a blocking finding, a difference, a failed check\n  4  plan --detailed-exitcode: there are changes to apply\n\nTRANSSHIP_LOG=debug writes a log to standard error."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The whole way in one command: spec, plan, question, apply, verify, evidence
    #[command(
        after_help = "Examples:\n  transship migrate app.db embedded:                       a trial, in a private server under .transship/\n  transship migrate app.db postgres://me@localhost/app\n  transship migrate 'mysql://me:secret@db.example/shop' \"$DATABASE_URL\" --yes\n\nThe spec is written into the directory that you are in, under the name of the source (app.toml), and kept: commit it. Run\nagain, the same command goes on with it as it stands. Where something is yours to decide, the spec says\nwhat, nothing is copied, and the exit code is 3. Where the application has made its own tables in the\ntarget, these are filled. The evidence is a page for a browser, app.evidence.html.\n\nPasswords never get into the spec: it has ${MYSQL_PASSWORD} and ${DATABASE_URL} in their place."
    )]
    Migrate(MigrateArguments),
    /// Write a starter spec from a live source: complete and commented, no row left behind
    #[command(
        after_help = "Examples:\n  transship init app.db -o app.toml\n  transship init app.db -o app.toml --target embedded:    a trial, in a private server under .transship/\n  transship init app.db -o app.toml --target \"$DATABASE_URL\"    into the tables that the application has made there\n  transship init airflow.db --recipe airflow -o airflow.toml    begun with what was decided for Airflow\n  transship init sqlite:/data/app.db > app.toml\n  transship init mysql://me:secret@db.example/shop -o shop.toml    MySQL or MariaDB\n  transship init mysql://me:secret@db.example/ --database shop,crm -o both.toml    each into its own schema\n\nA password never gets into the spec: it has ${MYSQL_PASSWORD} and ${DATABASE_URL} in its place.\nNothing is written into the source or the target. With --target the target is looked at: where\nthe application has made its own tables, the spec fills these (tables = \"existing\"). Without it the\nspec takes its target from DATABASE_URL; while that is not set, the commands that need a target say\nso, and nothing is migrated into a server that nobody meant."
    )]
    Init(InitArguments),
    /// Check the spec alone: every problem at once, without any database
    #[command(after_help = "Example:\n  transship check specs/dryad/dryad.toml")]
    Check(SpecArguments),
    /// Write what there is to know of the source, without a value of it, into a file to plan from elsewhere
    #[command(
        after_help = "Examples:\n  transship inspect dryad.toml --out dryad.inspect.json\n  transship plan dryad.toml --source dryad.inspect.json    where no database can be reached\n\nThe file is committed beside the spec: structure, counts, lengths, what fits which type, which\nmigrations the application's tool has applied. The same source gives the same bytes. Rows are named by their keys, as in a plan."
    )]
    Inspect(InspectArguments),
    /// Show what apply would do; touches nothing
    #[command(
        after_help = "Examples:\n  transship plan dryad.toml\n  transship plan dryad.toml --summary                   in short, where there are many tables\n  transship plan dryad.toml --format json --out plan.json\n  transship plan dryad.toml --against plan.json         what has changed since\n  transship plan dryad.toml --source dryad.inspect.json --format markdown\n  transship plan dryad.toml --source dryad.inspect.json --fail-on warning    nothing left unknown\n  transship plan dryad.toml --env prod --detailed-exitcode\n  transship plan dryad.toml --assume-empty-target       where no server can be reached\n\nPostgreSQL itself tries the plan's statements in the target, without rows, and takes them back;\nnothing is written. A target that is not reached is an error. One whose URL names a variable that is\nnot set, and a private server that was never made, are taken to be empty; the plan says so."
    )]
    Plan(PlanArguments),
    /// Carry the plan out; run again, it continues or does nothing
    #[command(
        after_help = "Examples:\n  transship apply dryad.toml            asks before it begins\n  transship apply dryad.toml --yes      for scripts\n  transship apply dryad.toml --yes --format json | jq\n  transship apply dryad.toml --yes --plan plan.json    what was reviewed, and nothing else\n  transship apply dryad.toml --refresh                 copies again what has changed in the source\n  transship apply dryad.toml --refresh --overwrite-changes    also over what others have written in the target\n  transship apply dryad.toml --yes --report apply.html --report apply.xml"
    )]
    Apply(ApplyArguments),
    /// Compare every value of both sides and ask the spec's checks; exit code 3 where they differ
    #[command(
        after_help = "Examples:\n  transship verify dryad.toml\n  transship verify dryad.toml --show-values --examples 50\n  transship verify dryad.toml --table users --table messages\n  transship verify dryad.toml --sample 0.5%     a quick look, no proof\n  transship verify dryad.toml --report evidence.html --report junit.xml\n\nA sample takes rows at even distances along the key, the same ones in every run, and counts the\nrows of both sides in full. It cannot show a difference in the other rows, and an extra row can hide\na missing one. Tables of up to 10,000 rows, and tables without a key, are compared whole; checks are\nasked as ever.\n\nRows are named by their keys; values appear with --show-values alone. Exit code 0: both sides are\nequal; 3: they are not, or a check failed that is more than a warning."
    )]
    Verify(VerifyArguments),
    /// Show what was done, and how to look at the target
    #[command(
        after_help = "Examples:\n  transship status dryad.toml --watch\n  transship status dryad.toml --format json\n  transship status dryad.toml --rejected --show-values\n  transship status dryad.toml --rejected --export rejected.jsonl\n\nIn the export each line is a row: table, key, column, reason, reasons, row. In `row` a BLOB is\n{\"blob\": hex}; text that is not UTF-8 or has a NUL character is {\"text\": hex}."
    )]
    Status(StatusArguments),
    /// Remove exactly what apply has made, and prove that the target is as it stood before
    #[command(
        after_help = "Examples:\n  transship rollback dryad.toml            asks before it begins\n  transship rollback dryad.toml --yes      for scripts\n  transship rollback dryad.toml --yes --keep-changes      leave what others have changed\n  transship rollback dryad.toml --yes --discard-changes   remove that as well\n\nWhat apply has made is known by its identity in the database: renamed or moved, it goes under\nits present name. What others have changed since stops the rollback with its name (exit code 3),\nand then nothing is removed: rows that they wrote, columns, indexes, triggers, comments or\nprivileges that they added, and whatever they recreated under the same name. --keep-changes\nleaves a table that holds such changes with everything on it; --discard-changes removes it. What\nelse depends on the tables, such as a view, has to be removed by hand. A step of the spec is\nrolled back by its `undo`.\n\nIt is one transaction, unless the server has too few locks for so many tables\n(max_locks_per_transaction): then there are several, and the same command goes on after a failure.\n\nOf tables that the application has made (tables = \"existing\") the rows that were loaded go; foreign\nkeys, triggers and sequences stand as before. Rows that others have written there since stop it,\nunless existing_rows = \"keep\" lets the tables have rows of their own.\n\nTables that were set aside (tables = \"replace\") come back with their rows, unless `transship discard`\nhas removed them."
    )]
    Rollback(RollbackArguments),
    /// Remove for good the tables that `tables = "replace"` has set aside
    #[command(
        after_help = "Examples:\n  transship discard dryad.toml            asks before it begins\n  transship discard dryad.toml --yes      for scripts\n\nUntil then `transship rollback` brings these tables back with their rows; afterwards it only removes\nwhat apply has made. `transship status` names them. What depends on one of them stops this with its\nname (exit code 3); then nothing is removed."
    )]
    Discard(DiscardArguments),
    /// Copy both sides as they stand, with checksums and what each table holds
    #[command(
        after_help = "Examples:\n  transship backup dryad.toml\n  transship backup dryad.toml --verify          restores each copy and compares every row\n  transship backup dryad.toml --side target --jobs 4\n  transship backup dryad.toml --list\n\nA SQLite file is copied by SQLite's online backup while others write, a server of MySQL or MariaDB by\nits own mysqldump or mariadb-dump, the target by pg_dump: each in one state. Backups lie in\n.transship/backups beside the spec, or in `directory` of [backup]; `keep` is how many stay. With\n`before_apply = true` apply begins only with one that is not older than `max_age`."
    )]
    Backup(BackupArguments),
    /// Fill a new file or an empty database from a backup, and compare every row with it
    #[command(
        after_help = "Examples:\n  transship restore dryad.toml --to old.db                                 the source, into a new file\n  transship restore dryad.toml --to postgres://me@localhost/dryad_old      the target, into an empty database\n  transship restore dryad.toml --backup 20261129T125503Z --to old.db\n\nExisting data is never overwritten. A database of PostgreSQL is filled whole or not at all."
    )]
    Restore(RestoreArguments),
    /// Ask the questions of [bench] on both sides: equal answers first, then who is faster; exit code 3 where one fails
    #[command(
        after_help = "Examples:\n  transship bench dryad.toml\n  transship bench dryad.toml --only \"recent messages\" --clients 1,8,32 --duration 10s\n  transship bench dryad.toml --report bench.html          a page with charts\n  transship bench dryad.toml --answers-only               compares, and measures nothing\n  transship bench dryad.toml --try-indexes                what each suggested index is worth\n  transship bench dryad.toml --format json > bench.json\n\nA question of the spec:\n  [bench.\"recent messages\"]\n  source = \"SELECT id, body FROM messages WHERE user_id = ?1 ORDER BY id DESC LIMIT 20\"\n  target = \"SELECT id, body FROM messages WHERE user_id = $1 ORDER BY id DESC LIMIT 20\"\n  parameters = \"SELECT id FROM users\"\n  p95_ms = 20\n  not_slower_than_source = true\n\nEach client is a connection of its own with prepared statements; the sides take turns. Nothing is\nwritten on either side, but for indexes that --try-indexes tries and rolls back. Differing rows are named by their place; values appear with --show-values\nalone. Exit code 3: answers differ, a side refuses a question, or a budget is not met."
    )]
    Bench(BenchArguments),
    /// Do the whole of it on a private server that is thrown away, and estimate the time on the target
    #[command(
        after_help = "Examples:\n  transship rehearse dryad.toml\n  transship rehearse dryad.toml --sample 5%      a part of the rows, where all would take too long\n  transship rehearse dryad.toml --env prod --report rehearsal.html\n  transship rehearse dryad.toml --keep           the server is kept for inspection\n\napply, verify and the checks, on a server that begins with the target's own tables where the spec fills\nthese (tables = \"existing\"). The target itself is measured for a moment, in transactions that are rolled\nback. The estimate goes into .transship/rehearsal-NAME.json beside the spec, and apply holds its own\ntime against it. Exit codes are those of apply and verify."
    )]
    Rehearse(RehearseArguments),
    /// Move over for good: keep writers out of the source, copy what has changed, compare, and name the new database
    #[command(
        after_help = "Examples:\n  transship cutover dryad.toml --dry-run     whether it would begin\n  transship cutover dryad.toml               asks before it begins\n  transship cutover dryad.toml --env prod --yes --format json > cutover.json\n  transship cutover dryad.toml --release     a server that was set to only read takes writers again\n\nA file is held by a lock that keeps writers waiting, a server by a lock or, with source = \"read_only\" under\n[cutover], by its own setting. Then come `apply --refresh`, `verify` with the checks, and the evidence. If any\nof that does not end well, the source is given back as it was, and the exit code is that of apply or verify;\na lock ends with the command, however that ends. `window` of [cutover] is held against the rehearsal."
    )]
    Cutover(CutoverArguments),
    /// Go back: the target's present rows in a new file or database, with the source's own structure and spellings
    #[command(
        after_help = "Examples:\n  transship back dryad.toml --to dryad-back.db\n  transship back dryad.toml --to dryad-back.db --backup 20261129T125503Z    the source has changed or is gone\n  transship back dryad.toml --to dryad-back.db --leave-behind audit_log\n  transship back taskflow.toml --to mysql://me@localhost/taskflow_back\n\nStop the application first: the new place holds one state of the target. Rows that did not change\nsince apply are byte for byte those of the source; others are written as the source writes such\nvalues. Triggers do not fire. The file gets its name when all of it was compared with the target, value\nby value; a database says until then that it is not whole. What the source cannot hold is a finding, and then nothing is written (exit code 3)."
    )]
    Back(BackArguments),
    /// Render the files around the migration: containers, manifests, configuration, connection strings, a runbook
    #[command(
        after_help = "Examples:\n  transship kit dryad.toml --out kit\n  transship kit dryad.toml --env prod --out kit-prod\n  transship kit dryad.toml --out kit --measured .transship/rehearsal-dryad.json    the runbook gets the time of the cut-over\n\nNo database is asked, and no secret gets into a file: ${VAR} stays a variable. The same spec gives\nthe same bytes. Settings are in [kit] of the spec; its `templates` directory may hold a directory\n`kit` with templates of your own. Files that this command did not write, or that were changed since,\nare left alone, and then nothing is written. Begin with RUNBOOK.md."
    )]
    Kit(KitArguments),
    /// Open psql on the target; an embedded server runs for as long as psql does
    #[command(
        after_help = "Examples:\n  transship psql dryad.toml\n  transship psql dryad.toml -- -c 'SELECT count(*) FROM dryad.users'"
    )]
    Psql(PsqlArguments),
    /// Print the JSON Schema of a spec, with which an editor completes and explains its keys
    #[command(
        after_help = "Example:\n  transship schema > transship.schema.json\n\nA spec names it in its first line: #:schema ./transship.schema.json"
    )]
    Schema(SchemaArguments),
    /// Print a shell's completions
    #[command(after_help = "Example:\n  transship completions bash > /etc/bash_completion.d/transship")]
    Completions(CompletionsArguments),
    /// Print the manual page
    #[command(after_help = "Examples:\n  transship man | man -l -\n  transship man plan | man -l -")]
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// The source: sqlite:PATH, the path of a SQLite file, or mysql://USER:PASSWORD@HOST/DATABASE
    #[arg(value_name = "SOURCE")]
    pub(super) source: std::ffi::OsString,
    /// The target: postgres://USER:PASSWORD@HOST/DATABASE, or embedded: for a trial
    #[arg(value_name = "TARGET")]
    pub(super) target: String,
    /// The spec, which is written if it is not there yet; by default NAME.toml here, after the source
    #[arg(long, short, value_name = "SPEC")]
    pub(super) output: Option<PathBuf>,
    /// A database of the server; several times, or with commas between them, for several, each into a schema of its own
    #[arg(long = "database", value_name = "NAME", value_delimiter = ',')]
    pub(super) databases: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    #[command(flatten)]
    pub(super) jobs: JobCount,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The source: sqlite:PATH, the path of a SQLite file, or mysql://USER:PASSWORD@HOST/DATABASE
    #[arg(value_name = "SOURCE_URL")]
    pub(super) source: std::ffi::OsString,
    /// A database of the server; several times, or with commas between them, for several, each into a schema of its own
    #[arg(long = "database", value_name = "NAME", value_delimiter = ',')]
    pub(super) databases: Vec<String>,
    /// Write the spec into this new file instead of standard output
    #[arg(long, short, value_name = "SPEC")]
    pub(super) output: Option<PathBuf>,
    /// The target's URL, such as embedded: or '${SHOP_DATABASE_URL}', which the spec then has; it is looked at for tables
    /// that the application has made already. Unset: ${DATABASE_URL}, and nothing is looked at
    #[arg(long, value_name = "URL")]
    pub(super) target: Option<String>,
    /// Begin with what was decided for an application: airflow, directus, jupyterhub, label-studio, prefect, strapi
    #[arg(long, value_name = "NAME")]
    pub(super) recipe: Option<String>,
    #[command(flatten)]
    pub(super) jobs: JobCount,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Write into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Leave out the keys that name example rows; a plan from the file then has counts alone
    #[arg(long)]
    pub(super) no_keys: bool,
    #[command(flatten)]
    pub(super) jobs: JobCount,
}

/// From which severity on a plan's findings make it exit with 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum FailOn {
    /// Warnings and blocking findings
    Warning,
    /// Blocking findings alone
    #[default]
    Error,
}

#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: PlanFormat,
    /// The plan in short, for many tables: questions, types, what stays behind and why; text or markdown
    #[arg(long, conflicts_with = "against")]
    pub(super) summary: bool,
    /// Write the document into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Plan from this file, which `transship inspect` wrote, without opening the source
    #[arg(long, value_name = "FILE", conflicts_with = "show_values")]
    pub(super) source: Option<PathBuf>,
    /// Show what is different from the plan in this file, which `plan --format json` wrote: text, json, markdown or html
    #[arg(long, value_name = "FILE")]
    pub(super) against: Option<PathBuf>,
    /// Exit with 3 from this severity on: what a plan from a file does not know is a warning
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub(super) fail_on: FailOn,
    /// Exit with 4 where there are changes to apply
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Show values beside the keys of example rows, and minimum and maximum in the JSON plan's profile
    #[arg(long, conflicts_with = "no_profile")]
    pub(super) show_values: bool,
    /// Do not look at the values: a plan of the structure alone, which does not know what will not fit
    #[arg(long)]
    pub(super) no_profile: bool,
    /// Take the target to be empty without contacting it; otherwise one that is not reached is an error
    #[arg(long)]
    pub(super) assume_empty_target: bool,
    #[command(flatten)]
    pub(super) jobs: JobCount,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Run exactly the plan in this file, which `plan --format json` wrote; refuse where something has drifted since
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Copy again what has changed in the source since an earlier run; without it that is refused
    #[arg(long)]
    pub(super) refresh: bool,
    /// With --refresh: also remove and copy again rows that others have changed, added or deleted in the target since;
    /// without it they are named, and nothing is touched
    #[arg(long, requires = "refresh")]
    pub(super) overwrite_changes: bool,
    /// Do not look at the values before writing; one that does not fit then stops the copy of its table
    #[arg(long)]
    pub(super) no_profile: bool,
    /// Where PostgreSQL or an application's trigger refuses something: also print words that may hold values, on the
    /// terminal alone
    #[arg(long)]
    pub(super) show_values: bool,
    /// text: a summary; json: one event a line
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Write evidence of the run into this file, however it ends: .json, .html, or .xml for JUnit; may be repeated
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse)]
    pub(super) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(super) jobs: JobCount,
    /// Its text goes to standard error: it is a part of a command that has a document of its own.
    #[arg(skip)]
    pub(super) is_part: bool,
    /// The plan in short is shown with its decisions before the question, for nobody has seen it.
    #[arg(skip)]
    pub(super) shows_plan: bool,
    /// Notes of that command for the evidence.
    #[arg(skip)]
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Rows named for each table that differs and for each check that finds wrong ones; 0 for none
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(super) examples: usize,
    /// A quick look: compare this part of the larger tables, such as 1%, and count all rows
    #[arg(long, value_name = "PERCENT")]
    pub(super) sample: Option<transship::verify::Sample>,
    /// Compare only this table of the source, and ask no checks; can be given more than once
    #[arg(long, value_name = "NAME")]
    pub(super) table: Vec<String>,
    /// Show the values that differ, not only where they are
    #[arg(long)]
    pub(super) show_values: bool,
    /// Write evidence of the comparison into this file, however it ends: .json, .html, or .xml for JUnit; may be repeated
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse)]
    pub(super) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(super) jobs: JobCount,
    /// Its text goes to standard error: it is a part of a command that has a document of its own.
    #[arg(skip)]
    pub(super) is_part: bool,
}

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// The form of the document; with --watch json is one document a line
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Show it again every second until the run ends; a line for every change where this is no terminal
    #[arg(long, conflicts_with = "rejected")]
    pub(super) watch: bool,
    /// List the rows that the spec's `on_bad_value` kept out of the target: table, key, column, reason
    #[arg(long)]
    pub(super) rejected: bool,
    /// Rows in the list; an export has all
    #[arg(long, value_name = "N", default_value_t = 100, requires = "rejected")]
    pub(super) limit: u64,
    /// Show the values that do not fit as well
    #[arg(long, requires = "rejected")]
    pub(super) show_values: bool,
    /// Write all rejected rows, whole and with their values, into this file as JSON lines
    #[arg(long, value_name = "FILE", requires = "rejected", conflicts_with = "show_values")]
    pub(super) export: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Write the schema into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// The page of this command instead of the program's
    pub(super) command: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RollbackArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Leave what others have changed where it is, with the tables that it is in, and remove the rest
    #[arg(long, conflicts_with = "discard_changes")]
    pub(super) keep_changes: bool,
    /// Remove what others have changed as well: their rows, what they attached, what they made under the same names
    #[arg(long)]
    pub(super) discard_changes: bool,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
}

#[derive(Debug, Args)]
pub(super) struct DiscardArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
}

#[derive(Debug, Args)]
pub(super) struct KitArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// The directory that the files go into; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Record of a rehearsal, .transship/rehearsal-NAME.json, or evidence that `apply --report FILE.json` wrote: the runbook's time for
    /// the cut-over
    #[arg(long, value_name = "FILE")]
    pub(super) measured: Option<PathBuf>,
    /// Overwrite files that this command did not write, or that were changed since
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct PsqlArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Arguments for psql
    #[arg(last = true)]
    pub(super) arguments: Vec<std::ffi::OsString>,
}

/// The form of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum PlanFormat {
    /// For people, 80 columns wide
    #[default]
    Text,
    /// For programs, and for `apply --plan`
    Json,
    /// For a comment on a pull request
    Markdown,
    /// The steps as a diagram
    Mermaid,
    /// The DDL as a script for psql
    Sql,
    /// One page for a browser, without network
    Html,
}
