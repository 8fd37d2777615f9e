//! What a newcomer sees first: the doors, a token, three things to try.

use std::{io::IsTerminal, net::SocketAddr};

use jangteo_kit::config::Settings;

/// The words that `serve` prints when it listens, for people only.
pub(crate) struct Welcome {
    databases: String,
    local_keys: bool,
}

impl Welcome {
    pub(crate) fn new(settings: &Settings) -> Self {
        let local_keys = settings.auth.users.is_none();
        let databases = settings.database_url.split("://").next().unwrap_or_default().to_owned();
        Self { databases, local_keys }
    }

    /// Prints to stderr, where it disturbs no log reader, and only at a terminal or when asked to.
    pub(crate) fn print(&self, addr: SocketAddr, front: Option<SocketAddr>) {
        if !std::io::stderr().is_terminal() && std::env::var_os("JANGTEO_WELCOME").is_none() {
            return;
        }
        eprintln!("{}", self.text(addr, front));
    }

    fn text(&self, addr: SocketAddr, front: Option<SocketAddr>) -> String {
        let gateway = front.map(|addr| format!("  HTTP      {addr}  (JSON, gRPC-Web, gRPC)\n"));
        let doors = format!(
            "\njangteo 장터\n  gRPC      {addr}  (reflection is on)\n{}  databases {}\n",
            gateway.unwrap_or_default(),
            self.databases
        );
        let to_try = if self.local_keys { to_try(addr) } else { String::new() };
        let curl = front.filter(|_| self.local_keys).map(with_curl).unwrap_or_default();
        doors + &to_try + &curl
    }
}

/// The last of them as HTTP.
fn with_curl(addr: SocketAddr) -> String {
    format!("  curl -H \"authorization: Bearer $TOKEN\" http://{addr}/v1/my/sales\n")
}

/// Three things to try.
fn to_try(addr: SocketAddr) -> String {
    format!(
        r#"
Try, in another terminal:
  export PATH=$PWD/target/debug:$PWD/.tools:$PATH
  export TOKEN=$(jangteo token seller01)
  grpcurl -plaintext {addr} list
  grpcurl -plaintext -H "authorization: Bearer $TOKEN" \
    -d '{{"goods": "아이폰13 공기계", "price_krw": 600000, "neighbourhood": "방배동"}}' \
    {addr} jangteo.post.v1.PostService/CreatePost
  grpcurl -plaintext -H "authorization: Bearer $TOKEN" {addr} jangteo.view.v1.MySalesService/ListMySales
"#
    )
}
