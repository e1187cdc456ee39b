//! PostgreSQL's settings from memory, processors and connections.

use serde::Serialize;

/// Settings of the server; sizes in MiB unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Tuning {
    pub(super) memory: u64,
    pub(super) cores: u64,
    pub(super) shared_buffers: u64,
    pub(super) effective_cache_size: u64,
    pub(super) maintenance_work_mem: u64,
    /// In KiB.
    pub(super) work_mem: u64,
    pub(super) max_connections: u64,
    pub(super) max_worker_processes: u64,
    pub(super) max_parallel_workers_per_gather: u64,
    pub(super) max_wal_size: u64,
    /// Shared memory of a container: parallel queries keep theirs there beside the buffers.
    pub(super) shared_memory: u64,
}

impl Tuning {
    /// A quarter of the memory for shared buffers (PostgreSQL documentation, section 20.4.1), three quarters as what the
    /// operating system can cache, and a work_mem that all connections can use at once, twice each, within what is left.
    pub(super) fn of(memory: u64, cores: u64, pool: u64) -> Self {
        // Three processes of the application, and ten connections for people, backups and monitoring.
        let max_connections = (3 * pool + 10).max(20);
        let shared_buffers = memory / 4;
        let parallel = (cores / 2).clamp(1, 4);
        let work_mem = (memory - shared_buffers) * 1024 / (max_connections * 2 * parallel);
        Self {
            memory,
            cores,
            shared_buffers,
            effective_cache_size: memory * 3 / 4,
            maintenance_work_mem: (memory / 16).clamp(64, 2048),
            work_mem: work_mem.clamp(1024, 256 * 1024),
            max_connections,
            max_worker_processes: cores.max(8),
            max_parallel_workers_per_gather: parallel,
            max_wal_size: memory.clamp(1024, 16_384),
            shared_memory: (memory / 8).max(128),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_fit_the_memory() {
        for (memory, cores, pool) in [(256, 1, 1), (2048, 2, 30), (65_536, 32, 100), (1 << 30, 512, 1_000_000)] {
            let tuning = Tuning::of(memory, cores, pool);
            assert!(tuning.shared_buffers + tuning.maintenance_work_mem <= memory, "{tuning:?}");
            assert!(tuning.effective_cache_size <= memory && tuning.work_mem >= 1024, "{tuning:?}");
        }
        assert_eq!(Tuning::of(2048, 2, 30).shared_buffers, 512);
    }
}
