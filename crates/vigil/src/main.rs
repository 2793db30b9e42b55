//! The binary: everything is in the library beside it, so that tests can open the same doors.

fn main() -> std::process::ExitCode {
    vigil::cli::main(std::env::args_os())
}
