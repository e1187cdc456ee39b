//! README.md and the pages of `docs` say what is true: their specs are right, their commands and options exist, the lines of
//! their captures come from the program, their links lead somewhere, and the plan of the Dryad sample is the one that it
//! makes (`UPDATE_README=1 cargo test --test documents readme` writes that anew).

use crate::support::database::Database;
use crate::support::migration::{Migration, SPEC, build_sqlite, program, run};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Around the plan of the Dryad sample.
const PLAN: [&str; 2] = ["<!-- plan:begin -->\n", "<!-- plan:end -->\n"];

/// The page with that plan.
const PLAN_PAGE: &str = "docs/plan-in-review.md";

/// Lines of the README on three screens.
const THREE_SCREENS: usize = 150;

const DRYAD: &str = "specs/dryad/dryad.toml";

/// What the findings of the pages are about.
const FINDINGS: &str = "CREATE TABLE events (id INTEGER PRIMARY KEY, at TIMESTAMP);
    INSERT INTO events VALUES (1, 2460310.5), (2, 2460311.25);
    CREATE TABLE users (id INTEGER PRIMARY KEY, secret TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
        token TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))))";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Page {
    /// Below the repository.
    path: String,
    text: String,
}

/// A fenced block.
struct Block {
    language: String,
    lines: Vec<String>,
}

impl Page {
    /// The README and every page of `docs`.
    fn all() -> Vec<Page> {
        let entries = repository().join("docs").read_dir().unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".md"));
        let paths = names.map(|name| format!("docs/{name}")).chain(["README.md".to_owned()]).collect::<BTreeSet<_>>();
        let read = |path: String| Page { text: std::fs::read_to_string(repository().join(&path)).unwrap(), path };
        paths.into_iter().map(read).collect()
    }

    /// Fenced blocks, and the prose around them; without the plan, which has a test of its own.
    fn parts(&self) -> (Vec<Block>, String) {
        let without_plan = match self.text.split_once(PLAN[0]) {
            Some((before, rest)) => format!("{before}{}", rest.split_once(PLAN[1]).unwrap().1),
            None => self.text.clone(),
        };
        let (mut blocks, mut prose) = (Vec::new(), String::new());
        let mut lines = without_plan.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                let inside = lines.by_ref().take_while(|line| line.trim_start() != "```").map(str::to_owned).collect();
                blocks.push(Block { language: language.to_owned(), lines: inside });
            } else {
                prose += line;
                prose.push('\n');
            }
        }
        (blocks, prose)
    }

    fn blocks(&self, language: &str) -> Vec<Block> {
        self.parts().0.into_iter().filter(|block| block.language == language).collect()
    }

    /// Targets of the links to other files, or to places in this one.
    fn links(&self) -> Vec<String> {
        let (_, prose) = self.parts();
        let targets = prose.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
        targets.filter(|target| !target.contains("://")).collect()
    }

    /// Names by which GitHub's links find the headings.
    fn anchors(&self) -> BTreeSet<String> {
        let (_, prose) = self.parts();
        let headings =
            prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        let kept = |character: &char| character.is_alphanumeric() || " -_".contains(*character);
        let anchor = |heading: &str| heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-");
        headings.map(anchor).collect()
    }

    /// Commands in `sh` and `console` blocks, and between backticks in the prose, without the name of the program.
    fn commands(&self, known: &BTreeSet<String>) -> Vec<Vec<String>> {
        let (blocks, prose) = self.parts();
        let shell = blocks.iter().filter(|block| ["sh", "console", "yaml"].contains(&block.language.as_str()));
        let lines = shell.flat_map(|block| &block.lines).filter_map(|line| {
            let command = line.split(" #").next().unwrap();
            command
                .split_once("transship ")
                .filter(|(before, _)| !before.ends_with('/'))
                .map(|(_, rest)| rest.to_owned())
        });
        let spans = prose.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>());
        let spans = spans.filter_map(|words| match words.split_first() {
            Some((&"transship", rest)) if !rest.is_empty() => Some(rest.join(" ")),
            // `apply --refresh` is short for it.
            Some((first, rest)) if known.contains(*first) && !rest.is_empty() => Some(words.join(" ")),
            _ => None,
        });
        lines.chain(spans).map(|command| command.split_whitespace().map(str::to_owned).collect()).collect()
    }
}

/// Whether the lines, but for empty ones, stand in the output in this order.
fn follow_one_another<'l>(lines: impl IntoIterator<Item = &'l String>, output: &str) -> Result<(), &'l str> {
    let mut rest = output.lines();
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        if !rest.any(|real| real == line) {
            return Err(line);
        }
    }
    Ok(())
}

/// The program in the repository, with the Dryad sample and the target that are given.
fn in_repository(arguments: &[&str], source: &Path, target: &str) -> String {
    let mut command = program();
    command.args(arguments).current_dir(repository()).env("DRYAD_DB", source).env("DATABASE_URL", target);
    run(&mut command).exits(0).stdout
}

/// Builds the Dryad sample.
fn dryad(directory: &Path) -> PathBuf {
    let database = directory.join("dryad.db");
    build_sqlite(&database, &std::fs::read_to_string(repository().join("specs/dryad/dryad.sql")).unwrap());
    database
}

#[test]
fn the_readme_fits_three_screens() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(readme.lines().count() <= THREE_SCREENS, "{} lines: move something to docs", readme.lines().count());
}

#[test]
fn the_specs_are_right() {
    let directory = tempfile::tempdir().unwrap();
    let mut count = 0;
    for page in Page::all() {
        for spec in page.blocks("toml") {
            let path = directory.path().join(format!("{count}.toml"));
            std::fs::write(&path, spec.lines.join("\n")).unwrap();
            let checked = run(program().env_remove("SHOP_DB").arg("check").arg(&path));
            assert_eq!(checked.code, Some(0), "{}: {}\n{checked}", page.path, spec.lines.join("\n"));
            count += 1;
        }
    }
    assert!(count >= 4, "the pages show specs");
}

/// Every command that a capture shows is run, and what the capture says that it prints, it prints, in this order.
#[test]
fn the_captures_are_real() {
    let directory = tempfile::tempdir().unwrap();
    let source = dryad(directory.path());
    let target = Database::create().url;
    let commands = [&["plan", DRYAD][..], &["apply", DRYAD, "--yes"], &["verify", DRYAD], &["apply", DRYAD, "--yes"]];
    let runs =
        commands.map(|words| (format!("$ transship {}", words.join(" ")), in_repository(words, &source, &target)));
    let mut shown = BTreeSet::new();
    for page in Page::all() {
        for block in page.blocks("console") {
            for section in block.lines.chunk_by(|_, next| !next.starts_with("$ ")) {
                let (command, printed) = section.split_first().unwrap();
                assert!(command.starts_with("$ "), "{}: {command} comes from no command", page.path);
                let of_it = runs.iter().filter(|(run, _)| run == command).map(|(_, output)| output.as_str());
                let wrong = of_it.map(|output| follow_one_another(printed, output)).collect::<Vec<_>>();
                let sets_variable = command.starts_with("$ export ") && printed.iter().all(String::is_empty);
                assert!(
                    sets_variable || wrong.iter().any(Result::is_ok),
                    "{}: {command} does not print, or not there: {wrong:?}",
                    page.path
                );
                shown.insert(command.clone());
            }
        }
    }
    for (command, _) in &runs {
        assert!(shown.contains(command), "no page shows {command}");
    }
}

#[test]
fn the_findings_are_real() {
    let plan = Migration::new(FINDINGS, SPEC).run(&["plan"]).exits(3);
    let mut count = 0;
    for page in Page::all() {
        for block in page.blocks("text") {
            let found = follow_one_another(&block.lines, &plan.stdout);
            assert!(found.is_ok(), "{}: the plan does not say {found:?}: {plan}", page.path);
            count += 1;
        }
    }
    assert!(count >= 2, "the pages show findings");
}

/// But for its digest, which every byte of what it binds changes.
#[test]
fn the_plan_is_real() {
    let directory = tempfile::tempdir().unwrap();
    let source = dryad(directory.path());
    let real = in_repository(&["plan", DRYAD, "--format", "markdown"], &source, &Database::create().url);
    let page = repository().join(PLAN_PAGE);
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(PLAN[0]).unwrap();
    let (plan, after) = rest.split_once(PLAN[1]).unwrap();
    let bound =
        |text: &str| text.lines().filter(|line| !line.starts_with("| Digest |")).map(str::to_owned).collect::<Vec<_>>();
    if bound(plan) != bound(&format!("\n{real}\n")) && std::env::var_os("UPDATE_README").is_some() {
        let text = [before, PLAN[0], "\n", &real, "\n", PLAN[1], after].concat();
        return std::fs::write(page, text).unwrap();
    }
    assert_eq!(
        bound(plan),
        bound(&format!("\n{real}\n")),
        "UPDATE_README=1 cargo test --test documents readme writes it anew"
    );
}

/// Every command that a page names is in the help, with the options that the page gives it; and the commands that everybody
/// needs are in the README.
#[test]
fn every_command_and_option_is_in_the_help() {
    let help = |words: &[&str]| run(program().args(words).arg("--help")).exits(0).stdout;
    let overview = help(&[]);
    let listed = overview.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let listed = listed.filter(|word| word.starts_with(char::is_alphabetic));
    let known = listed.filter(|word| !word.is_empty() && !word.starts_with('-')).map(str::to_owned).collect();
    let mut helps: BTreeMap<String, String> = BTreeMap::new();
    for page in Page::all() {
        for command in page.commands(&known) {
            let (name, rest) = command.split_first().unwrap();
            assert!(known.contains(name), "{}: {name} is no command: {command:?}", page.path);
            let text = helps.entry(name.clone()).or_insert_with(|| help(&[name]));
            let options = rest.iter().take_while(|word| *word != "--").filter(|word| word.starts_with("--"));
            for option in options.map(|word| word.split('=').next().unwrap()) {
                let has = |line: &str| line.split([' ', ',', '[', '=']).any(|word| word == option);
                assert!(text.lines().any(has), "{}: {name} has no {option}", page.path);
            }
        }
    }
    let readme = Page::all().into_iter().find(|page| page.path == "README.md").unwrap().commands(&known);
    for command in ["init", "check", "plan", "apply", "verify", "psql", "rollback"] {
        assert!(readme.iter().any(|words| words[0] == command), "{command} is not in the README");
    }
}

/// `make` of a page is a target of the Makefile.
#[test]
fn every_make_is_in_the_makefile() {
    let makefile = std::fs::read_to_string(repository().join("Makefile")).unwrap();
    for page in Page::all() {
        let (blocks, prose) = page.parts();
        let words = prose.split_whitespace().collect::<Vec<_>>().join(" ");
        let spans = words.split("`make ").skip(1).map(|rest| rest.split('`').next().unwrap().to_owned());
        let lines = blocks.iter().filter(|block| block.language == "sh").flat_map(|block| &block.lines);
        let lines = lines.filter_map(|line| line.strip_prefix("make ").map(str::to_owned));
        for target in spans.chain(lines) {
            assert!(makefile.contains(&format!("\n{target}:")), "{}: make {target} is not in the Makefile", page.path);
        }
    }
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_reached() {
    let pages = Page::all();
    let mut reached = BTreeSet::from([repository().join("README.md").canonicalize().unwrap()]);
    for page in &pages {
        let from = repository().join(&page.path);
        for link in page.links() {
            let (file, anchor) = link.split_once('#').map_or((link.as_str(), None), |(file, name)| (file, Some(name)));
            let to = if file.is_empty() { from.clone() } else { from.with_file_name(file) };
            let to = to.canonicalize().unwrap_or_else(|error| panic!("{}: {link}: {error}", page.path));
            if let Some(anchor) = anchor {
                let text = std::fs::read_to_string(&to).unwrap();
                let anchors = Page { path: link.clone(), text }.anchors();
                assert!(anchors.contains(anchor), "{}: {link}: it has {anchors:?}", page.path);
            }
            reached.insert(to);
        }
    }
    for page in &pages {
        assert!(reached.contains(&repository().join(&page.path).canonicalize().unwrap()), "no link to {}", page.path);
    }
}
