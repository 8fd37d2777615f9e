//! `jangteo fault`: lets a context misbehave, to see that its neighbours stand it.

use std::time::Duration;

use clap::{Args, Subcommand};
use jangteo::ops::v1::{
    ClearFaultsRequest, Faults, GetFaultsRequest, UpdateFaultsRequest,
    fault_service_client::FaultServiceClient,
};

use crate::operator::{Line, Operator, told};

#[derive(Args)]
pub(crate) struct Fault {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Prints how a context misbehaves.
    Show(One),
    /// Sets how a context misbehaves; what is left out is off.
    Set(Set),
    /// Lets a context be well again.
    Clear(One),
}

#[derive(Args)]
struct One {
    /// The context.
    context: String,
    #[command(flatten)]
    operator: Operator,
}

#[derive(Args)]
struct Set {
    /// The context.
    context: String,
    /// How much longer every call takes, such as 700ms or 2s, up to a minute.
    #[arg(long, default_value = "0ms", value_parser = humantime::parse_duration)]
    latency: Duration,
    /// Which part of all calls fails, 0 to 1 in hundredths, such as 0.3.
    #[arg(long, default_value = "0", value_parser = percent)]
    error_rate: i32,
    /// Calls are not answered.
    #[arg(long)]
    hang: bool,
    /// The process says that it is neither alive nor ready.
    #[arg(long)]
    unhealthy: bool,
    #[command(flatten)]
    operator: Operator,
}

type Client = FaultServiceClient<Line>;

impl Fault {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::Show(One { context, operator }) => operator.ask(&context.clone(), async |line| {
                let mut client = Client::new(line);
                let asked = client.get_faults(GetFaultsRequest { context });
                print(&asked.await.map_err(told)?.into_inner());
                Ok(())
            }),
            What::Set(set) => set.run(),
            What::Clear(One { context, operator }) => {
                operator.ask(&context.clone(), async |line| {
                    let mut client = Client::new(line);
                    let asked = client.clear_faults(ClearFaultsRequest { context });
                    print(&asked.await.map_err(told)?.into_inner());
                    Ok(())
                })
            }
        }
    }
}

impl Set {
    fn run(self) -> anyhow::Result<()> {
        let Self { context, latency, error_rate, hang, unhealthy, operator } = self;
        let latency_ms = i64::try_from(latency.as_millis()).unwrap_or(i64::MAX);
        operator.ask(&context.clone(), async |line| {
            let faults = UpdateFaultsRequest {
                context,
                latency_ms,
                error_percent: error_rate,
                hang,
                unhealthy,
            };
            let set = Client::new(line).update_faults(faults).await.map_err(told)?;
            print(&set.into_inner());
            Ok(())
        })
    }
}

fn print(faults: &Faults) {
    println!("{}", sentence(faults));
}

/// How a context misbehaves, in words for people.
fn sentence(faults: &Faults) -> String {
    let Faults { context, latency_ms, error_percent, hang, unhealthy } = faults;
    let all = [
        (*latency_ms > 0, format!("calls take {latency_ms} ms longer")),
        (*error_percent > 0, format!("{error_percent} % of them fail")),
        (*hang, "calls hang".to_owned()),
        (*unhealthy, "its process says that it is unhealthy".to_owned()),
    ];
    let set: Vec<_> = all.into_iter().filter(|(set, _)| *set).map(|(_, what)| what).collect();
    let set = if set.is_empty() { "nothing is made to fail".to_owned() } else { set.join(", ") };
    format!("{context}: {set}")
}

/// A part of one in hundredths.
fn percent(text: &str) -> Result<i32, String> {
    let rate: f64 = text.parse().unwrap_or(f64::NAN);
    let is_rate = |percent: &i32| (f64::from(*percent) / 100.0 - rate).abs() < 1e-9;
    (0..=100).find(is_rate).ok_or_else(|| "a rate is 0 to 1 in hundredths, such as 0.3".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_hundredths() {
        let read = |text| percent(text).ok();
        assert_eq!(["0", "0.07", "0.3", "1"].map(read), [Some(0), Some(7), Some(30), Some(100)]);
        for wrong in ["", "0.005", "1.01", "-0.1", "30%", "NaN"] {
            assert!(percent(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn faults_are_told_in_words() {
        let context = || "payment".to_owned();
        let well = Faults { context: context(), ..Faults::default() };
        assert_eq!(sentence(&well), "payment: nothing is made to fail");
        let ill = Faults {
            latency_ms: 700,
            error_percent: 30,
            hang: true,
            unhealthy: true,
            context: context(),
        };
        assert_eq!(
            sentence(&ill),
            "payment: calls take 700 ms longer, 30 % of them fail, calls hang, its process says that it is unhealthy"
        );
    }
}
