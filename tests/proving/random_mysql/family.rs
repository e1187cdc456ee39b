//! Kinds of columns: their types, the literals of rows that hurt, and the spellings of their defaults.

mod moments;
mod numbers;
mod words;

use super::dice::Dice;
use moments::{DATES, DATETIMES, TIMES, TIMESTAMPS};
use numbers::{BITS, DECIMALS, FLOATS, INTEGERS, YEARS};
use words::{BYTES, ENUMS, JSONS, OTHERS, SETS, SHAPES, TEXTS};

/// A kind of column.
#[derive(Debug)]
pub(crate) struct Family {
    types: &'static [&'static str],
    values: &'static [&'static str],
    defaults: &'static [&'static str],
    pub(crate) kind: Kind,
}

/// What can be made of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Bytes,
    Moment,
    /// Types in which no key begins.
    Whole,
    /// Types that MySQL itself does not have.
    MariaDb,
}

const ALL: [(&Family, usize); 15] = [
    (&INTEGERS, 8),
    (&DECIMALS, 3),
    (&FLOATS, 3),
    (&BITS, 2),
    (&TEXTS, 10),
    (&BYTES, 3),
    (&DATES, 2),
    (&DATETIMES, 3),
    (&TIMESTAMPS, 2),
    (&TIMES, 2),
    (&YEARS, 1),
    (&ENUMS, 3),
    (&SETS, 2),
    (&JSONS, 2),
    (&OTHERS, 1),
];

/// Character sets and collations that both servers have, then those of MariaDB and of MySQL alone.
const COLLATIONS: [&[&str]; 3] = [
    &[
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_swedish_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_german2_ci",
        "CHARACTER SET latin1 COLLATE latin1_swedish_ci",
        "CHARACTER SET latin1 COLLATE latin1_general_cs",
        "CHARACTER SET latin1 COLLATE latin1_bin",
        "CHARACTER SET ascii",
        "CHARACTER SET gbk",
        "CHARACTER SET ucs2",
        "CHARACTER SET utf16",
        "CHARACTER SET utf32",
        "CHARACTER SET cp1251",
        "CHARACTER SET sjis",
        "CHARACTER SET big5",
        "CHARACTER SET latin2 COLLATE latin2_czech_cs",
    ],
    &[
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_cs",
        "CHARACTER SET latin1 COLLATE latin1_german2_ci",
    ],
    &[
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_ja_0900_as_cs",
    ],
];

impl Family {
    /// One of them, for a server.
    pub(crate) fn draw(dice: &mut Dice, is_mariadb: bool) -> &'static Family {
        if dice.chance(3) {
            return &SHAPES;
        }
        let total = ALL.iter().map(|(_, weight)| weight).sum();
        loop {
            let mut at = dice.below(total);
            for (family, weight) in ALL {
                if at < weight && (is_mariadb || family.kind != Kind::MariaDb) {
                    return family;
                }
                at = at.saturating_sub(weight);
            }
        }
    }

    /// A type with its character set.
    pub(crate) fn draw_type(&self, dice: &mut Dice, is_mariadb: bool) -> String {
        let name = *dice.pick(self.types);
        if self.kind != Kind::Text || dice.chance(30) {
            return name.to_owned();
        }
        let of_server = COLLATIONS[if is_mariadb { 1 } else { 2 }];
        let collation = if dice.chance(70) { dice.pick(COLLATIONS[0]) } else { dice.pick(of_server) };
        format!("{name} {collation}")
    }

    pub(crate) fn draw_value(&self, dice: &mut Dice, is_nullable: bool) -> String {
        if is_nullable && dice.chance(12) {
            return "NULL".to_owned();
        }
        (*dice.pick(self.values)).to_owned()
    }

    pub(crate) fn draw_default(&self, dice: &mut Dice) -> String {
        (*dice.pick(self.defaults)).to_owned()
    }
}
