//! Means by which writers are kept out of a source while an application is moved.

/// A means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriteHold {
    /// A lock that this process holds and that ends with it.
    #[default]
    Lock,
    /// The server is set to only read, and stays so after a cut-over.
    ReadOnly,
}

impl WriteHold {
    /// Every means with the spec's word for it.
    pub const ALL: [(&'static str, WriteHold); 2] = [("lock", WriteHold::Lock), ("read_only", WriteHold::ReadOnly)];
}
