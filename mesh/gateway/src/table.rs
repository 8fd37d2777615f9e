//! Which binding a request means.

use anyhow::bail;
use http::Method;
use jangteo::errors::Refusal;
use tonic::Code;

use crate::{
    binding::{self, Binding},
    contracts::Contracts,
    refusal::Refused,
};

/// All bindings, in the order in which they are tried.
#[derive(Debug)]
pub(crate) struct Table(Vec<Binding>);

/// The binding that a request means, and what its path says of the request's fields.
pub(crate) struct Found<'a> {
    pub(crate) binding: &'a Binding,
    pub(crate) named: Vec<(&'a str, String)>,
}

impl Table {
    /// Those of these contracts.
    pub(crate) fn of(contracts: &Contracts) -> anyhow::Result<Self> {
        let mut bindings = binding::all(contracts)?;
        bindings.sort_by_cached_key(|binding| binding.template.rank());
        let mut rest = &bindings[..];
        while let [first, others @ ..] = rest {
            let same =
                |it: &&Binding| it.method == first.method && it.template.is_like(&first.template);
            if let Some(other) = others.iter().find(same) {
                let [first, other] = [first, other].map(|it| it.rpc.method.full_name().to_owned());
                bail!("{first} and {other} are bound to the same method and path");
            }
            rest = others;
        }
        Ok(Self(bindings))
    }

    /// All of them.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.0.iter()
    }

    /// The binding of a method and a path.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Result<Found<'_>, Refused> {
        // HEAD is GET without the body, which the server leaves out by itself.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let mut those = self.0.iter().filter(|binding| binding.method == *method);
        let found =
            those.find_map(|binding| Some(Found { binding, named: binding.template.find(path)? }));
        found.ok_or_else(|| self.refuse(path))
    }

    fn refuse(&self, path: &str) -> Refused {
        let fitting = self.0.iter().filter(|binding| binding.template.find(path).is_some());
        let mut allowed: Vec<&str> = fitting.map(|binding| binding.method.as_str()).collect();
        allowed.sort_unstable();
        allowed.dedup();
        if allowed.is_empty() {
            let said = "there is nothing at this path: the contracts say what there is";
            return Refusal::new(Code::NotFound, "PATH_UNKNOWN", said).into();
        }
        Refused::method(&allowed.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_and_a_path_name_an_rpc() {
        let table = Table::of(&Contracts::compiled()).unwrap();
        for (method, path, rpc, named) in [
            (Method::POST, "/v1/posts", "CreatePost", vec![]),
            (Method::GET, "/v1/posts/7", "GetPost", vec![("id", "7".to_owned())]),
            (Method::HEAD, "/v1/posts/7", "GetPost", vec![("id", "7".to_owned())]),
            (Method::POST, "/v1/posts/7:hide", "HidePost", vec![("id", "7".to_owned())]),
            (Method::GET, "/v1/my/sales:watch", "WatchMySales", vec![]),
        ] {
            let found = table.find(&method, path).ok().unwrap();
            assert_eq!(found.binding.rpc.method.name(), rpc);
            assert_eq!(found.named, named);
        }
    }

    #[test]
    fn what_is_not_there_says_what_is() {
        let table = Table::of(&Contracts::compiled()).unwrap();
        let refused = |method, path: &str| table.find(&method, path).err().unwrap();
        assert_eq!(refused(Method::GET, "/v2/posts").http(), 404);
        let wrong = refused(Method::PUT, "/v1/posts/7");
        assert_eq!(wrong.http(), 405);
        assert_eq!(wrong.header("allow").unwrap(), "DELETE, GET, PATCH");
    }
}
