//! Who calls whom, as `files/mesh.yaml` says it.

use std::{collections::BTreeMap, fs, sync::LazyLock};

use serde::Deserialize;

use super::render::chart;
use crate::stories::shell;

/// Set, the table becomes what the program says today.
const REWRITE: &str = "JANGTEO_TEST_REWRITE";
/// What stands before all contexts.
pub(super) const GATEWAY: &str = "gateway";

/// The whole table.
#[derive(Debug, Deserialize)]
pub(super) struct Table {
    pub(super) contexts: BTreeMap<String, Context>,
    shared: Shared,
}

/// One context: what it follows, and what it alone serves.
#[derive(Debug, Deserialize)]
pub(super) struct Context {
    pub(super) follows: Vec<String>,
    services: Services,
}

/// What every context serves.
#[derive(Debug, Deserialize)]
struct Shared {
    services: Services,
}

/// RPCs by their names, by their services' names.
type Services = BTreeMap<String, BTreeMap<String, Rpc>>;

/// One RPC.
#[derive(Debug, Deserialize)]
pub(super) struct Rpc {
    pub(super) access: Access,
    /// Roles one of which a person needs; none: anybody may.
    #[serde(default)]
    pub(super) roles: Vec<String>,
    #[serde(default)]
    callers: Vec<String>,
    #[serde(default)]
    pub(super) operators: bool,
    #[serde(default)]
    pub(super) mutates: bool,
    #[serde(default)]
    pub(super) streams: bool,
}

/// Who may call.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Access {
    Public,
    User,
    Service,
    Operator,
}

/// An RPC at a context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Door<'a> {
    service: &'a str,
    method: &'a str,
    pub(super) rpc: &'a Rpc,
    shared: bool,
}

impl Door<'_> {
    /// Its path.
    pub(super) fn path(&self) -> String {
        format!("/{}/{}", self.service, self.method)
    }

    /// Whether people come to it through the gateway.
    pub(super) fn is_for_people(&self) -> bool {
        self.rpc.access != Access::Service || self.rpc.operators
    }
}

impl Table {
    /// The one in the chart.
    pub(super) fn read() -> &'static Self {
        static TABLE: LazyLock<Table> = LazyLock::new(|| {
            let text = fs::read_to_string(chart().join("files/mesh.yaml"));
            serde_saphyr::from_str(&text.expect("it is there")).expect("it is a table")
        });
        &TABLE
    }

    /// All contexts.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.contexts.keys().map(String::as_str)
    }

    /// All contexts and the gateway.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        self.names().chain([GATEWAY])
    }

    /// What a context serves.
    pub(super) fn doors(&self, context: &str) -> impl Iterator<Item = Door<'_>> {
        let own = self.contexts.get(context).map(|it| (&it.services, false));
        let all = own.into_iter().chain([(&self.shared.services, true)]);
        all.flat_map(|(services, shared)| {
            services.iter().flat_map(move |(service, rpcs)| {
                rpcs.iter().map(move |(method, rpc)| Door { service, method, rpc, shared })
            })
        })
    }

    /// Whether a context follows another one, or itself.
    pub(super) fn follows(&self, context: &str, source: &str) -> bool {
        self.contexts[context].follows.iter().any(|it| it == source)
    }

    /// Whether one service may call an RPC of a context: another context if it is named, or reads the
    /// journal of what it follows; the gateway for people.
    pub(super) fn may(&self, caller: &str, target: &str, door: &Door<'_>) -> bool {
        if caller == GATEWAY {
            return door.is_for_people();
        }
        let named = door.rpc.callers.iter().any(|it| it == caller);
        let reads = door.shared && self.follows(caller, target);
        door.rpc.access == Access::Service && (named || reads)
    }

    /// Whether one service has anything to ask another.
    pub(super) fn calls(&self, caller: &str, target: &str) -> bool {
        caller != target
            && target != GATEWAY
            && self.doors(target).any(|door| self.may(caller, target, &door))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_what_the_program_says() {
    let says = shell::run(shell::jangteo(&["mesh"])).await.well();
    let file = chart().join("files/mesh.yaml");
    if std::env::var_os(REWRITE).is_some() {
        return fs::write(file, says).unwrap();
    }
    let written = fs::read_to_string(file).unwrap_or_default();
    let all = "cargo test --workspace the_table_is_what_the_program_says";
    assert!(says == written, "{REWRITE}=1 {all} writes it anew");
}

#[test]
fn the_table_knows_the_calls_of_a_sale() {
    let table = Table::read();
    for (caller, target, calls) in [
        ("deal", "post", true),
        ("post", "deal", true),
        ("post", "rental", false),
        ("view", "deal", true),
        ("deal", "view", false),
        (GATEWAY, "view", true),
        ("view", GATEWAY, false),
    ] {
        assert_eq!(table.calls(caller, target), calls, "{caller} -> {target}");
    }
    let doors: Vec<_> = table.doors("post").collect();
    let reserve = doors.iter().find(|door| door.method == "ReservePost").unwrap();
    assert!(table.may("deal", "post", reserve) && reserve.rpc.mutates);
    assert!(!table.may("view", "post", reserve) && !table.may(GATEWAY, "post", reserve));
    let read = doors.iter().find(|door| door.shared && door.method == "ReadEvents").unwrap();
    assert!(table.may("view", "post", read) && !table.may("provider", "post", read));
}
