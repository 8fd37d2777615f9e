//! Stories as scripts: they are told by programs that know no more of the market than its addresses
//! and a token for each person.

use super::{market::Market, shell};

/// A story as a script.
pub(crate) struct Script {
    /// Where it is in this repository.
    pub(crate) file: &'static str,
    /// Who takes part without a role. Everybody's token has his name, in capitals.
    pub(crate) people: &'static [&'static str],
    /// Who brings orders to their customers.
    pub(crate) couriers: &'static [&'static str],
    /// What it says when everything was as it should be.
    pub(crate) end: &'static str,
}

impl Script {
    /// Plays it, with each context at its address.
    pub(crate) async fn by_grpcurl(&self, market: &Market, addr: impl Fn(&str) -> String) {
        let name = |context: &str| format!("{}_ADDR", context.to_uppercase());
        let addrs = market.contexts().map(|context| (name(context), addr(context)));
        self.play(market, addrs).await;
    }

    /// Plays it at a gateway.
    pub(crate) async fn by_curl(&self, market: &Market, url: String) {
        self.play(market, [("URL".to_owned(), url)]).await;
    }

    async fn play(&self, market: &Market, doors: impl IntoIterator<Item = (String, String)>) {
        let mut script = shell::bash();
        script.arg(shell::root().join(self.file)).envs(doors);
        for person in self.people {
            script.env(person.to_uppercase(), market.keys.user(person));
        }
        for courier in self.couriers {
            let token = market.keys.user_with_roles(courier, &["courier"]);
            script.env(courier.to_uppercase(), token);
        }
        let said = shell::run(script).await.well();
        assert_eq!(said.trim_end(), self.end);
    }
}
