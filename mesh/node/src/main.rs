//! The `jangteo` binary: hosts one context, several, or all; and the tools beside them.

// An optimised build looks deeper into the futures of a whole process than the usual limit of 128.
#![recursion_limit = "256"]

mod completion;
mod config;
mod dead_letter;
mod demo;
mod gateway;
mod mend;
mod operator;
mod rebuild;
mod serve;
mod settings;
mod token;
mod welcome;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The backend of a neighbourhood market.
#[derive(Parser)]
#[command(name = "jangteo", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hosts contexts: those that are named, or all.
    Serve(serve::Serve),
    /// Plays the stories of the market against a running one, and shows what follows from each step.
    Demo(demo::Demo),
    /// Makes a token from the local development keys.
    Token(token::Token),
    /// Prints the effective settings, without secrets.
    Config(config::Config),
    /// Shows events that could not be applied, tries them again, or passes them over.
    #[command(name = "deadletter")]
    DeadLetters(dead_letter::DeadLetters),
    /// Rebuilds a read model of a running process from the histories of its sources.
    Rebuild(rebuild::Rebuild),
    /// Compares what follows in a context with its sources from the beginning, and reads what it lacks.
    Compare(mend::Compare),
    /// Publishes a part of a context's journal again.
    Refill(mend::Refill),
    /// Takes into a restored database what its own stream tells and it has forgotten.
    Adopt(mend::Adopt),
    /// Prints the completion script of a shell.
    Completion(completion::Completion),
}

fn main() -> std::process::ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Demo(demo) => demo.run(),
        Command::Token(token) => token.run(),
        Command::Config(config) => config.run(),
        Command::DeadLetters(dead_letters) => dead_letters.run(),
        Command::Rebuild(rebuild) => rebuild.run(),
        Command::Compare(compare) => compare.run(),
        Command::Refill(refill) => refill.run(),
        Command::Adopt(adopt) => adopt.run(),
        Command::Completion(completion) => completion.run(),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
