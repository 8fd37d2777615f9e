//! The `jangteo` binary: hosts one context, several, or all; and the tools beside them.

// An optimised build looks deeper into the futures of a whole process than the usual limit of 128.
#![recursion_limit = "256"]

mod completion;
mod config;
mod dead_letter;
mod demo;
mod fault;
mod gateway;
mod mend;
mod mesh;
mod misspelt;
mod operator;
mod rebuild;
mod saga;
mod serve;
mod settings;
mod timing;
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
    ///
    /// Story A: second-hand goods; story B: a rental; story C: a meet-up; story D: food; story E: flowers.
    /// Each brings its own goods, so it can be played again and again against the same market. A step that
    /// does not come out as the story says ends it with an error. With --json each step is an object: who asked for what,
    /// what was answered, which events followed in which timelines, and what my-page and the boards show
    /// then.
    Demo(demo::Demo),
    /// Shows what a payment provider that gets too slow does to people who pay, second by second.
    ///
    /// Ten renters pay for one rental after the other. The sandbox, which stands for the provider, gets too
    /// slow after a second, and well again for the last third. At first all wait in vain (the breaker is
    /// closed); soon they are asked at once to pay a little later (open); now and then one is let through,
    /// to see (half-open), until payments are made again (closed). When all is quiet the books must balance:
    /// the charges that stand are the rentals that are paid, and all else went back. It exits with 1 where
    /// they do not, or where the breaker was not seen to open and close. The sandbox is put back to what it
    /// was, also when it is broken off. With --json each second is an object, and so are the books.
    DemoBreaker(demo::DemoBreaker),
    /// Makes a token from the local development keys.
    Token(token::Token),
    /// Prints the effective settings, without secrets.
    Config(config::Config),
    /// Shows events that could not be applied, tries them again, or passes them over.
    #[command(name = "deadletter")]
    DeadLetters(dead_letter::DeadLetters),
    /// Shows what waits for an answer or a time, asks again at once, or gives a question up.
    #[command(name = "saga")]
    Sagas(saga::Sagas),
    /// Lets a context of a running process misbehave, to see that its neighbours stand it.
    ///
    /// The process must have been started with `JANGTEO_FAULT_INJECTION=true`. What is set holds until it is
    /// cleared, or the process ends.
    Fault(fault::Fault),
    /// Rebuilds a read model of a running process from the histories of its sources.
    Rebuild(rebuild::Rebuild),
    /// Compares what follows in a context with its sources from the beginning, and reads what it lacks.
    Compare(mend::Compare),
    /// Publishes a part of a context's journal again.
    Refill(mend::Refill),
    /// Takes into a restored database what its own stream tells and it has forgotten.
    Adopt(mend::Adopt),
    /// Prints who calls whom, as the contracts and the contexts say it.
    ///
    /// This is `helm/files/mesh.yaml`, from which the chart makes the policies of a cluster.
    Mesh,
    /// Prints the completion script of a shell.
    Completion(completion::Completion),
}

fn main() -> std::process::ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Demo(demo) => demo.run(),
        Command::DemoBreaker(demo) => demo.run(),
        Command::Token(token) => token.run(),
        Command::Config(config) => config.run(),
        Command::DeadLetters(dead_letters) => dead_letters.run(),
        Command::Sagas(sagas) => sagas.run(),
        Command::Fault(fault) => fault.run(),
        Command::Rebuild(rebuild) => rebuild.run(),
        Command::Compare(compare) => compare.run(),
        Command::Refill(refill) => refill.run(),
        Command::Adopt(adopt) => adopt.run(),
        Command::Mesh => mesh::run(),
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
