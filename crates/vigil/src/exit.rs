//! Exit codes (DECISIONS 18), as numbers that travel on the control socket.

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Done; an answer with business errors (AAA) included.
pub const SUCCESS: u8 = 0;
/// Anything that is not one of the others.
pub const FAILURE: u8 = 1;
/// The answer is an OperationOutcome.
pub const OUTCOME: u8 = 2;
/// The command line is wrong.
pub const USAGE: u8 = 64;
/// The input cannot be read.
pub const UNREADABLE: u8 = 65;
/// The data directory is busy.
pub const BUSY: u8 = 75;

/// The exit codes, for the help of every command.
pub const HELP: &str = "Exit codes: 0 done, 1 failed, 64 wrong usage, 65 unreadable input, 75 data directory busy";

/// Whether whoever read the answer has enough of it, as `head` does: nothing is wrong.
pub fn has_enough(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// What is said of an answer that could not be written.
pub fn cannot_write(error: &io::Error) -> String {
    format!("cannot write the answer: {error}")
}

/// The end of a command whose answer could not be written.
pub fn unwritten(error: &io::Error, err: &mut dyn Write) -> ExitCode {
    if has_enough(error) {
        return ExitCode::SUCCESS;
    }
    let _ = writeln!(err, "{}", cannot_write(error));
    ExitCode::FAILURE
}

/// The exit code of a fault of the store: busy, newer than this Vigil (no restart helps), or broken.
pub fn of_fault(fault: &vigil_store::StoreFault) -> u8 {
    match () {
        () if fault.is_busy() => BUSY,
        () if fault.is_newer() => UNREADABLE,
        () => FAILURE,
    }
}
