//! The results: a table on standard output and in Markdown, and a chart.

use crate::contenders::{Part, is_floor};
use crate::measure::{Measured, median};
use crate::source::{Engine, Source};
use crate::target::Target;
use crate::{SERVER, Settings, write_file};
use jiff::Zoned;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// One line of the results.
struct Line {
    name: &'static str,
    /// Runs that it did not bring to an end.
    failed: usize,
    part: Part,
    seconds: f64,
    fastest: f64,
    slowest: f64,
    peak: Option<f64>,
    processor: Option<f64>,
    /// Against the floor of the same part.
    ratio: Option<f64>,
    is_floor: bool,
}

/// What the published results begin with.
const PREAMBLE: &str = "# Benchmark\n\n\
    `make bench` measures whole migrations in one run on one machine: everybody moves the same database into a fresh\n\
    database of the same server, in turns. The floor is PostgreSQL alone: the same rows, already encoded, sent over as many\n\
    connections as transship has, then the same DDL as parallel as its locks allow. Compare the ratios; seconds are the\n\
    machine's. `benches/migration/main.rs` has the variables.\n\n\
    ![Seconds and peak memory of every contender](benchmark.svg)\n\n";

/// What is said of a source that is a server.
const OF_A_SERVER: &str = "The source's server works on the same machine: *both at the same time* is its read beside PostgreSQL's COPY, each over\n\
    as many connections as transship has. A copy that reads while it writes is measured by that, and a whole run by the same with the\n\
    DDL behind it. Before its first row, a whole run of transship has also looked at every value that its type does not answer\n\
    for, and at every foreign key; its peers have not, nor has `--no-profile`.\n\n";

/// Writes the results to standard output and into the workshop, or into `docs` to be published.
pub(crate) fn write(
    workshop: &Path,
    source: &Source,
    target: &Target,
    settings: &Settings,
    results: &[(&'static str, Part, Vec<Measured>)],
) {
    let lines = lines(results, settings.runs);
    let head = head(source, target, settings);
    let table = table(&lines);
    let text = format!("{head}\n\n{table}");
    std::io::stdout().write_all(text.as_bytes()).unwrap();
    let documents =
        if settings.publish { Path::new(env!("CARGO_MANIFEST_DIR")).join("docs") } else { workshop.to_owned() };
    let (name, more) = match source.engine {
        Engine::Sqlite(_) => ("benchmark", ""),
        Engine::Mysql(_) => ("benchmark-mysql", OF_A_SERVER),
    };
    let preamble = PREAMBLE.replace("benchmark.svg", &format!("{name}.svg"));
    write_file(documents.join(format!("{name}.md")), &format!("{preamble}{more}{text}"));
    write_file(documents.join(format!("{name}.svg")), &chart(&lines, &head));
    eprintln!("also in {0}/{name}.md and {0}/{name}.svg", documents.display());
}

fn lines(results: &[(&'static str, Part, Vec<Measured>)], runs: usize) -> Vec<Line> {
    let seconds = |measured: &[Measured]| measured.iter().map(|one| one.seconds).collect::<Vec<_>>();
    let floor = |part: Part| {
        let part = if part == Part::Proved { Part::Whole } else { part };
        let floor = results.iter().find(|(name, of, _)| is_floor(name) && *of == part);
        floor.map(|(_, _, measured)| median(seconds(measured)))
    };
    let line = |(name, part, measured): &(&'static str, Part, Vec<Measured>)| {
        let all = seconds(measured);
        let middle = median(all.clone());
        #[expect(clippy::cast_precision_loss, reason = "megabytes")]
        let peak = measured.iter().filter_map(|one| one.peak).max().map(|bytes| bytes as f64 / 1e6);
        Line {
            name,
            failed: runs - measured.len(),
            part: *part,
            seconds: middle,
            fastest: all.iter().copied().fold(f64::INFINITY, f64::min),
            slowest: all.iter().copied().fold(0.0, f64::max),
            peak,
            processor: measured.iter().map(|one| one.processor).collect::<Option<Vec<_>>>().map(median),
            ratio: floor(*part).map(|floor| middle / floor),
            is_floor: is_floor(name),
        }
    };
    results.iter().map(line).collect()
}

fn head(source: &Source, target: &Target, settings: &Settings) -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    #[expect(clippy::cast_precision_loss, reason = "megabytes, millions")]
    let (megabytes, millions) = (source.bytes as f64 / 1e6, source.rows as f64 / 1e6);
    format!(
        "{}: {:.1} million rows, {megabytes:.0} MB of {}, {} connections, median of {}; {cores} cores{}; PostgreSQL {} with {}",
        Zoned::now().date(),
        millions,
        source.engine_words(),
        settings.jobs,
        settings.runs,
        model.replace('\t', "").replacen(": ", " of ", 1),
        target.version(),
        SERVER.join(", ")
    )
}

fn table(lines: &[Line]) -> String {
    let mut text = String::from(
        "| what | seconds | fastest to slowest | of the floor | processor time | peak memory |\n|---|---:|---:|---:|---:|---:|\n",
    );
    for line in lines {
        let failed = match line.failed {
            0 => String::new(),
            1 => " (1 run failed)".to_owned(),
            more => format!(" ({more} runs failed)"),
        };
        let ratio = line.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}x"));
        let peak = line.peak.map_or_else(|| "–".to_owned(), |peak| format!("{peak:.0} MB"));
        let processor = line.processor.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds:.2} s"));
        writeln!(
            text,
            "| {}{failed} | {:.2} | {:.2} – {:.2} | {ratio} | {processor} | {peak} |",
            line.name, line.seconds, line.fastest, line.slowest
        )
        .unwrap();
    }
    text
}

/// Bars, one group for each part. It is readable on light and dark ground.
fn chart(lines: &[Line], head: &str) -> String {
    let longest = lines.iter().map(|line| line.seconds).fold(0.0, f64::max);
    let (mut bars, mut y) = (String::new(), 56.0);
    let (run, server) = head.split_once("; PostgreSQL").unwrap_or((head, ""));
    for (part, title) in [
        (Part::Read, "Reading alone"),
        (Part::Copy, "The rows alone"),
        (Part::Whole, "Rows, keys, indexes, foreign keys"),
        (Part::Verify, "Every value compared"),
        (Part::Proved, "All of it"),
    ] {
        let group = lines.iter().filter(|line| line.part == part).collect::<Vec<_>>();
        if group.is_empty() {
            continue;
        }
        writeln!(bars, r#"<text x="10" y="{y}" class="title">{title}</text>"#).unwrap();
        y += 10.0;
        for line in group {
            let width = 430.0 * line.seconds / longest;
            let class = match line.name {
                _ if line.is_floor => "floor",
                name if name.starts_with("transship") => "ours",
                _ => "peer",
            };
            let ratio = line.ratio.filter(|_| !line.is_floor).map(|ratio| format!(", {ratio:.2} of the floor"));
            let peak = line.peak.map(|peak| format!(", {peak:.0} MB"));
            let more = [ratio, peak].map(|words| words.unwrap_or_default()).concat();
            let name = line.name.replace('&', "&amp;");
            writeln!(bars, r#"<text x="265" y="{:.1}" class="name">{name}</text>"#, y + 14.0).unwrap();
            writeln!(bars, r#"<rect x="275" y="{y:.1}" width="{width:.1}" height="18" class="{class}"/>"#).unwrap();
            writeln!(bars, r#"<text x="{:.1}" y="{:.1}">{:.1} s{more}</text>"#, 283.0 + width, y + 14.0, line.seconds)
                .unwrap();
            y += 24.0;
        }
        y += 24.0;
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {y}" font-family="system-ui, sans-serif" font-size="12">
<style>
text {{ fill: #24292f }} .title {{ font-weight: 600; font-size: 13px }} .name {{ text-anchor: end }}
.ours {{ fill: #1a7f64 }} .floor {{ fill: #8c959f }} .peer {{ fill: #c98a2b }} .head {{ font-size: 10px; opacity: .75 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3 }} .ours {{ fill: #3fb68b }} }}
</style>
<text x="10" y="16" class="head">{run}</text>
<text x="10" y="30" class="head">PostgreSQL{server}</text>
{bars}</svg>
"##
    )
}
