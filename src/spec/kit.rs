//! `[kit]`: settings of the files that `transship kit` renders, as far as the rest of the spec does not give them.

/// `[kit]`; everything has a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitSpec {
    /// `postgresql`: the tag of PostgreSQL's image, which begins with the major version.
    pub postgresql: String,
    /// `postgresql_image`: a whole image in place of the official one.
    pub postgresql_image: Option<String>,
    /// `image`: transship's image; without it a Dockerfile is rendered.
    pub image: Option<String>,
    /// `platforms`: places for which files are rendered, each once.
    pub platforms: Vec<Platform>,
    /// `namespace`: the namespace in Kubernetes.
    pub namespace: Option<String>,
    /// `memory` of the server, in MiB.
    pub memory: u64,
    /// `cores` of the server.
    pub cores: u64,
    /// `storage` of the server's data, in MiB.
    pub storage: u64,
    /// `trusted`: networks from which clients connect, as address and length of the prefix.
    pub trusted: Vec<String>,
    /// `[kit.pool]`
    pub pool: KitPool,
    /// `[kit.backup]`
    pub backup: KitBackup,
}

/// `[kit.pool]`: connections of one process of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitPool {
    /// Connections that are kept.
    pub size: u64,
    /// Connections that are opened beyond that and closed again.
    pub overflow: u64,
    /// Limit on the wait for a free connection, in seconds.
    pub timeout: u64,
    /// Age at which a connection is replaced, in seconds.
    pub recycle: u64,
    /// Limit on opening a connection, in seconds.
    pub connect_timeout: u64,
    /// Limit on a statement of the application, in seconds; 0 for none.
    pub statement_timeout: u64,
}

/// `[kit.backup]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KitBackup {
    /// Hour of the daily backup.
    pub hour: u8,
    /// Minute of the daily backup.
    pub minute: u8,
    /// Number of backups that are kept.
    pub keep: u64,
}

/// A place for which files are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// `docker`: docker-compose.
    Docker,
    /// `kubernetes`: manifests.
    Kubernetes,
    /// `server`: a machine with systemd.
    Server,
    /// `wsl`: the Windows Subsystem for Linux, which may have no systemd.
    Wsl,
}

impl Platform {
    /// Every platform with the spec's word for it.
    pub const ALL: [(&'static str, Platform); 4] = [
        ("docker", Platform::Docker),
        ("kubernetes", Platform::Kubernetes),
        ("server", Platform::Server),
        ("wsl", Platform::Wsl),
    ];
}

impl Default for KitSpec {
    fn default() -> Self {
        Self {
            postgresql: "16".to_owned(),
            postgresql_image: None,
            image: None,
            platforms: Platform::ALL.map(|(_, platform)| platform).to_vec(),
            namespace: None,
            memory: 2048,
            cores: 2,
            storage: 10_240,
            trusted: Vec::new(),
            pool: KitPool::default(),
            backup: KitBackup::default(),
        }
    }
}

impl Default for KitPool {
    fn default() -> Self {
        Self { size: 10, overflow: 20, timeout: 30, recycle: 1800, connect_timeout: 10, statement_timeout: 60 }
    }
}

impl Default for KitBackup {
    fn default() -> Self {
        Self { hour: 2, minute: 30, keep: 14 }
    }
}
