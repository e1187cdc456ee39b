//! How a collation compares texts.

use crate::catalog::Equality;

/// The equality of a collation by its name.
#[must_use]
pub(crate) fn equality(collation: &str) -> Equality {
    if collation == "binary" || collation.ends_with("_nopad_bin") || collation == "utf8mb4_0900_bin" {
        Equality::Bytes
    } else {
        Equality::Other { collation: collation.to_owned() }
    }
}
