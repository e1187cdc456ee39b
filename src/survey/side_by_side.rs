//! Tasks for all readers at the same time.

use crate::run::ExecuteError;
use crate::source::Reader;
use std::sync::{Mutex, PoisonError};

/// Assigns the tasks, in their order, to the next free reader each, and returns the results in the order of the tasks,
/// so that they do not depend on the assignment. After a failure no further task is begun.
pub(crate) fn side_by_side<T: Send, R: Send>(
    readers: &mut [Reader],
    tasks: Vec<T>,
    work: impl Fn(&Reader, T) -> Result<R, ExecuteError> + Sync,
) -> Result<Vec<R>, ExecuteError> {
    let queue = Mutex::new(tasks.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (next, work) = (&next, &work);
    let of_one = |reader: &mut Reader| {
        let mut done = Vec::new();
        while let Some((at, task)) = next() {
            match work(reader, task) {
                Ok(result) => done.push((at, result)),
                Err(error) => {
                    while next().is_some() {}
                    return Err(error);
                }
            }
        }
        Ok(done)
    };
    let mut all = std::thread::scope(|scope| {
        let threads = readers.iter_mut().map(|reader| scope.spawn(|| of_one(reader))).collect::<Vec<_>>();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| ExecuteError::Task("looking at the source".to_owned()))??);
        }
        Ok::<_, ExecuteError>(all)
    })?;
    all.sort_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}
