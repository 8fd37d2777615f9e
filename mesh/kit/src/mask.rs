//! Field masks: which fields an update changes (AIP-134).

use jangteo::errors::Refusal;
use prost_types::FieldMask;
use tonic::{Code, Status};

/// What an update changes: the fields that its mask names, or all that are set.
#[derive(Debug)]
pub struct Mask {
    /// `None`: there is no mask, or it is `*`.
    named: Option<Vec<String>>,
}

impl Mask {
    /// The mask of a request that may change these fields; each with whether it is set.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: it names another field, or one that is not set.
    pub fn over(mask: Option<FieldMask>, fields: &[(&str, bool)]) -> Result<Self, Status> {
        let named = mask.map(|mask| mask.paths).unwrap_or_default();
        let all = named.is_empty() || named.iter().any(|path| path == "*");
        for path in named.iter().filter(|path| *path != "*") {
            let field = fields.iter().find(|(field, _)| field == path);
            match field {
                None => return Err(not_editable(path, fields)),
                Some((field, false)) if !all => return Err(not_set(field)),
                Some(_) => {}
            }
        }
        Ok(Self { named: (!all).then_some(named) })
    }

    /// The value of a field, if that is changed.
    pub fn pick<T>(&self, field: &str, value: Option<T>) -> Option<T> {
        let named = |paths: &Vec<String>| paths.iter().any(|path| path == field);
        value.filter(|_| self.named.as_ref().is_none_or(named))
    }
}

fn not_editable(path: &str, fields: &[(&str, bool)]) -> Status {
    let names: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
    let (last, others) = names.split_last().unwrap_or((&"", &[]));
    let what_to_do = format!("name only {} and {last}, or *", others.join(", "));
    refused(path, "update_mask", "NOT_EDITABLE", &what_to_do)
}

fn not_set(path: &str) -> Status {
    refused(path, path, "REQUIRED", "set every field that the mask names")
}

fn refused(path: &str, field: &str, reason: &str, what_to_do: &str) -> Status {
    let said = format!("update_mask names {path}: {what_to_do}");
    Refusal::new(Code::InvalidArgument, "FIELD_INVALID", said)
        .violation(field, reason, what_to_do)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is changed of a name and a price, of which only the price is set.
    fn changed(paths: &[&str]) -> Result<(Option<u8>, Option<u8>), Status> {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let mask = Mask::over(Some(FieldMask { paths }), &[("name", false), ("price", true)])?;
        Ok((mask.pick("name", None), mask.pick("price", Some(9))))
    }

    #[test]
    fn a_mask_picks_and_its_absence_takes_what_is_set() {
        for paths in [&[][..], &["*"], &["*", "name"], &["price"]] {
            assert_eq!(changed(paths).unwrap(), (None, Some(9)), "{paths:?}");
        }
        let both = [("name", true), ("price", true)];
        let mask = Mask::over(Some(FieldMask { paths: vec!["name".to_owned()] }), &both).unwrap();
        assert_eq!((mask.pick("name", Some(1)), mask.pick("price", Some(9))), (Some(1), None));
        assert_eq!(Mask::over(None, &both).unwrap().pick("name", Some(1)), Some(1));
    }

    #[test]
    fn a_mask_of_another_field_or_without_its_value_is_refused() {
        for (path, said) in [
            ("id", "update_mask names id: name only name and price, or *"),
            ("name", "update_mask names name: set every field that the mask names"),
        ] {
            let refused = changed(&[path]).unwrap_err();
            assert_eq!((refused.code(), refused.message()), (Code::InvalidArgument, said));
        }
    }
}
