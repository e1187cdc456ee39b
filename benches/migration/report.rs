//! The results: a table on standard output and in Markdown, and a chart.

use crate::contenders::{Part, is_floor};
use crate::measure::{Measured, median};
use crate::source::Source;
use crate::target::Target;
use crate::{SERVER, Settings, write_file};
use jiff::Zoned;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// One line of the results.
struct Line {
    name: &'static str,
    part: Part,
    seconds: f64,
    fastest: f64,
    slowest: f64,
    peak: Option<f64>,
    /// Against the floor of the same part.
    ratio: Option<f64>,
    is_floor: bool,
}

/// Writes the results to standard output and into the workshop.
pub(crate) fn write(
    workshop: &Path,
    source: &Source,
    target: &Target,
    settings: &Settings,
    results: &[(&'static str, Part, Vec<Measured>)],
) {
    let lines = lines(results);
    let head = head(source, target, settings);
    let table = table(&lines);
    let text = format!("{head}\n\n{table}");
    write_file(workshop.join("results.md"), &text);
    write_file(workshop.join("results.svg"), &chart(&lines, &head));
    std::io::stdout().write_all(text.as_bytes()).unwrap();
    eprintln!("also in {0}/results.md and {0}/results.svg", workshop.display());
}

fn lines(results: &[(&'static str, Part, Vec<Measured>)]) -> Vec<Line> {
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
            part: *part,
            seconds: middle,
            fastest: all.iter().copied().fold(f64::INFINITY, f64::min),
            slowest: all.iter().copied().fold(0.0, f64::max),
            peak,
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
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let megabytes = source.bytes as f64 / 1e6;
    format!(
        "{}: {} rows, {megabytes:.0} MB of SQLite, {} connections, median of {}; {cores} cores{}; PostgreSQL {} with {}",
        Zoned::now().date(),
        source.rows,
        settings.jobs,
        settings.runs,
        model.replace('\t', "").replacen(": ", " of ", 1),
        target.version(),
        SERVER.join(", ")
    )
}

fn table(lines: &[Line]) -> String {
    let mut text = String::from(
        "| what | seconds | fastest to slowest | of the floor | peak memory |\n|---|---:|---:|---:|---:|\n",
    );
    for line in lines {
        let ratio = line.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}x"));
        let peak = line.peak.map_or_else(|| "–".to_owned(), |peak| format!("{peak:.0} MB"));
        writeln!(
            text,
            "| {} | {:.2} | {:.2} – {:.2} | {ratio} | {peak} |",
            line.name, line.seconds, line.fastest, line.slowest
        )
        .unwrap();
    }
    text
}

/// Bars, one group for each part. It is readable on light and dark ground.
fn chart(lines: &[Line], head: &str) -> String {
    let longest = lines.iter().map(|line| line.seconds).fold(0.0, f64::max);
    let (mut bars, mut y) = (String::new(), 40.0);
    for (part, title) in [
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
            let peak = line.peak.map(|peak| format!(", {peak:.0} MB")).unwrap_or_default();
            let name = line.name.replace('&', "&amp;");
            writeln!(bars, r#"<text x="250" y="{:.1}" class="name">{name}</text>"#, y + 14.0).unwrap();
            writeln!(bars, r#"<rect x="260" y="{y:.1}" width="{width:.1}" height="18" class="{class}"/>"#).unwrap();
            writeln!(bars, r#"<text x="{:.1}" y="{:.1}">{:.1} s{peak}</text>"#, 268.0 + width, y + 14.0, line.seconds)
                .unwrap();
            y += 24.0;
        }
        y += 24.0;
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 {y}" font-family="system-ui, sans-serif" font-size="12">
<style>
text {{ fill: #24292f }} .title {{ font-weight: 600; font-size: 13px }} .name {{ text-anchor: end }}
.ours {{ fill: #1a7f64 }} .floor {{ fill: #8c959f }} .peer {{ fill: #c98a2b }} .head {{ font-size: 10px; opacity: .75 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3 }} .ours {{ fill: #3fb68b }} }}
</style>
<text x="10" y="16" class="head">{head}</text>
{bars}</svg>
"##
    )
}
