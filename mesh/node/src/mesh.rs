//! `jangteo mesh`: who calls whom.

use std::{collections::BTreeMap, fmt, fmt::Write as _};

use jangteo::{
    access::Access,
    calls::{self, Call},
};
use jangteo_kit::service::Service;
use jangteo_notification::Senders;

use crate::serve;

/// The RPCs of services, by name.
type Services = BTreeMap<String, Vec<Call>>;

/// Prints it as YAML.
pub(crate) fn run() -> anyhow::Result<()> {
    print!("{}", told()?);
    Ok(())
}

fn told() -> Result<String, fmt::Error> {
    let (mut shared, mut by_context) = (Services::new(), BTreeMap::<String, Services>::new());
    let contexts: BTreeMap<_, _> =
        serve::all(&Senders::default()).into_iter().map(|it| (it.context(), it)).collect();
    for call in calls::all() {
        let context = context(&call.service);
        let services = if contexts.contains_key(context) {
            by_context.entry(context.to_owned()).or_default()
        } else {
            &mut shared
        };
        services.entry(call.service.clone()).or_default().push(call);
    }
    let mut text = String::from(
        "# Who calls whom: printed by `jangteo mesh` from the contracts and the contexts, held against them by a test.\n\
         contexts:\n",
    );
    for (name, service) in &contexts {
        write!(text, "  {name}:\n    follows: [{}]\n", follows(service))?;
        services(&mut text, "    ", by_context.get(*name).unwrap_or(&Services::new()))?;
    }
    writeln!(text, "# What the process of every context serves for it.\nshared:")?;
    services(&mut text, "  ", &shared)?;
    Ok(text)
}

/// The context that a service's name says it belongs to.
fn context(service: &str) -> &str {
    service.split('.').nth(1).unwrap_or_default()
}

fn follows(service: &Service) -> String {
    service.sources().into_iter().collect::<Vec<_>>().join(", ")
}

fn services(text: &mut String, indent: &str, services: &Services) -> fmt::Result {
    writeln!(text, "{indent}services:")?;
    for (name, calls) in services {
        writeln!(text, "{indent}  {name}:")?;
        for call in calls {
            writeln!(text, "{indent}    {}: {{{}}}", call.method, properties(call))?;
        }
    }
    Ok(())
}

fn properties(call: &Call) -> String {
    let list = |name: &str, all: &[String]| match all {
        [] => None,
        all => Some(format!("{name}: [{}]", all.join(", "))),
    };
    let flag = |name: &str, set: bool| set.then(|| format!("{name}: true"));
    let (level, more) = match &call.access {
        Access::Public => ("public", vec![]),
        Access::User { roles } => ("user", vec![list("roles", roles)]),
        Access::Service { callers, operators } => {
            ("service", vec![list("callers", callers), flag("operators", *operators)])
        }
        Access::Operator => ("operator", vec![]),
    };
    let mut all = vec![format!("access: {level}")];
    all.extend(more.into_iter().flatten());
    all.extend(flag("mutates", call.mutates));
    all.extend(flag("streams", call.streams));
    all.join(", ")
}
