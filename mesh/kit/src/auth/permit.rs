//! Whether a caller may call.

use jangteo::{access::Access, errors::Refusal};
use tonic::{Code, Status};

use super::{Caller, OPERATOR, TokenError};

/// Lets a caller through to an RPC, or says why not.
pub fn permit(access: &Access, caller: &Caller) -> Result<(), Status> {
    match (access, caller) {
        (Access::Public, _) => Ok(()),
        (_, Caller::Anonymous) => Err(TokenError::Missing.into()),
        (Access::User { .. }, Caller::Service { .. }) => {
            Err(denied("USER_ONLY", "only people may call this, not services").into())
        }
        (Access::User { roles }, Caller::User { .. }) => with_role(roles, caller),
        (Access::Service { operators: true, .. }, Caller::User { .. }) => {
            operator(caller, "SERVICE_ONLY", "only services and operators may call this")
        }
        (Access::Service { .. }, Caller::User { .. }) => {
            Err(denied("SERVICE_ONLY", "only services may call this").into())
        }
        (Access::Service { callers, .. }, Caller::Service { context }) => known(callers, context),
        (Access::Operator, _) => {
            operator(caller, "OPERATOR_ONLY", "only people with the role `operator` may call this")
        }
    }
}

fn with_role(roles: &[String], caller: &Caller) -> Result<(), Status> {
    if roles.is_empty() || roles.iter().any(|role| caller.has_role(role)) {
        return Ok(());
    }
    let roles = roles.join(", ");
    let message = format!("only people with one of these roles may call this: {roles}");
    Err(denied("ROLE_MISSING", message).metadata("roles", roles).into())
}

fn known(callers: &[String], context: &String) -> Result<(), Status> {
    if callers.is_empty() || callers.contains(context) {
        return Ok(());
    }
    let callers = callers.join(", ");
    let message = format!("only these contexts may call this: {callers}");
    Err(denied("CALLER_NOT_ALLOWED", message).metadata("callers", callers).into())
}

fn operator(caller: &Caller, reason: &str, message: &str) -> Result<(), Status> {
    if caller.has_role(OPERATOR) {
        return Ok(());
    }
    Err(denied(reason, message).into())
}

fn denied(reason: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(Code::PermissionDenied, reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jangteo::errors::reason;

    fn user(roles: &[&str]) -> Caller {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        Caller::User { subject: "kim".to_owned(), roles }
    }

    fn service(context: &str) -> Caller {
        Caller::Service { context: context.to_owned() }
    }

    fn users(roles: &[&str]) -> Access {
        Access::User { roles: roles.iter().map(|&role| role.to_owned()).collect() }
    }

    fn services(callers: &[&str], operators: bool) -> Access {
        let callers = callers.iter().map(|&caller| caller.to_owned()).collect();
        Access::Service { callers, operators }
    }

    #[test]
    fn everybody_meets_the_door_that_the_contract_says() {
        let cases = [
            (Access::Public, Caller::Anonymous, None),
            (Access::Public, user(&[]), None),
            (Access::Public, service("deal"), None),
            (users(&[]), Caller::Anonymous, Some("TOKEN_MISSING")),
            (users(&[]), user(&[]), None),
            (users(&[]), service("deal"), Some("USER_ONLY")),
            (users(&["courier"]), user(&["courier"]), None),
            (users(&["courier"]), user(&["operator"]), Some("ROLE_MISSING")),
            (users(&["courier"]), service("courier"), Some("USER_ONLY")),
            (services(&["deal"], false), Caller::Anonymous, Some("TOKEN_MISSING")),
            (services(&["deal"], false), service("deal"), None),
            (services(&["deal"], false), service("offer"), Some("CALLER_NOT_ALLOWED")),
            (services(&["deal"], false), user(&["operator"]), Some("SERVICE_ONLY")),
            (services(&[], true), service("offer"), None),
            (services(&[], true), user(&["operator"]), None),
            (services(&[], true), user(&["courier"]), Some("SERVICE_ONLY")),
            (Access::Operator, Caller::Anonymous, Some("TOKEN_MISSING")),
            (Access::Operator, user(&["operator"]), None),
            (Access::Operator, user(&["courier"]), Some("OPERATOR_ONLY")),
            (Access::Operator, service("deal"), Some("OPERATOR_ONLY")),
        ];
        for (access, caller, expected) in cases {
            let refused = permit(&access, &caller).err();
            let told = refused.as_ref().and_then(reason);
            assert_eq!(told.as_deref(), expected, "{access:?} {caller:?}");
            let code = refused.map(|status| status.code());
            let unknown = caller == Caller::Anonymous;
            let denied = if unknown { Code::Unauthenticated } else { Code::PermissionDenied };
            assert_eq!(code, expected.map(|_| denied), "{access:?} {caller:?}");
        }
    }
}
