//! Who calls.

/// Who calls, as verified. Handlers find it in the extensions of their request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Nobody signed in.
    #[default]
    Anonymous,
    /// A person.
    User {
        /// The opaque name under which the issuer knows him, such as `seller01`.
        subject: String,
        /// What he may do beyond what everybody may, such as `courier`.
        roles: Vec<String>,
    },
    /// Another context of the mesh.
    Service {
        /// Its name, such as `deal`.
        context: String,
    },
}

impl Caller {
    /// One name for whoever it is: `user:seller01`, `service:deal`, `anonymous`.
    pub fn principal(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::User { subject, .. } => format!("user:{subject}"),
            Self::Service { context } => format!("service:{context}"),
        }
    }

    /// The person, if it is one.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::User { subject, .. } => Some(subject),
            Self::Anonymous | Self::Service { .. } => None,
        }
    }

    /// Whether it is a person with this role.
    pub fn has_role(&self, role: &str) -> bool {
        match self {
            Self::User { roles, .. } => roles.iter().any(|it| it == role),
            Self::Anonymous | Self::Service { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_services_of_one_name_are_not_the_same() {
        let user = Caller::User { subject: "deal".to_owned(), roles: vec![] };
        let service = Caller::Service { context: "deal".to_owned() };
        assert_eq!(user.principal(), "user:deal");
        assert_eq!(service.principal(), "service:deal");
        assert_eq!(Caller::Anonymous.principal(), "anonymous");
    }

    #[test]
    fn only_people_have_subjects_and_roles() {
        let user = Caller::User { subject: "kim".to_owned(), roles: vec!["courier".to_owned()] };
        assert_eq!((user.subject(), user.has_role("courier")), (Some("kim"), true));
        assert!(!user.has_role("operator"));
        let service = Caller::Service { context: "courier".to_owned() };
        assert_eq!((service.subject(), service.has_role("courier")), (None, false));
    }
}
