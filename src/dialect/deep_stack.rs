//! Walks over deep expressions: a sum of 500 columns is a tree of 500 levels, and the parser's visitor needs several
//! kilobytes of stack for each, more than a thread of the runtime has.

use std::panic::resume_unwind;
use std::thread;

/// The stack of a walk, in bytes. Only what is used of it becomes memory.
const STACK: usize = 256 << 20;

/// Does the work in a thread with a large stack; `None` if there is no such thread to be had.
pub(crate) fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?;
        match thread.join() {
            Ok(result) => Some(result),
            Err(panic) => resume_unwind(panic),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_deeper_than_a_threads() {
        fn depth(left: u32) -> u32 {
            let frame = [left; 4096];
            if left == 0 { 0 } else { depth(left - 1) + std::hint::black_box(frame)[0] / left }
        }
        assert_eq!(on_deep_stack(|| depth(1000)), Some(1000));
    }
}
