//! What holds of the kit's own work once nothing is left to be done.

use jangteo_kit::host::Driven;

use super::World;

impl World {
    /// Nothing is planned any more: then nothing may be under way.
    pub(super) fn at_rest(&mut self) {
        let mut left = self.lacking();
        for name in self.nodes.keys() {
            let unpublished = self.look(name, |driven| driven.unpublished(1)).unwrap_or_default();
            let unpublished = unpublished.iter().map(|(_, event)| event.name());
            left.extend(unpublished.map(|event| format!("{event} of {name} was never published")));
            let waits = self.look(name, Driven::waits).unwrap_or_default();
            left.extend(waits.iter().map(|one| format!("in {name} waits {one:?}")));
        }
        if !self.queues.is_empty() {
            left.push("messages wait that nobody fetches".to_owned());
        }
        for what in left {
            self.breaks("I13 everything comes to its end", what);
        }
    }
}
