//! What is begun is brought to its end, whatever peers answer and whoever dies; and questions of
//! other contexts are answered once. On real databases, with a peer that speaks by script.

mod answers;
mod away;
mod born;
mod bugs;
mod deadline;
mod errand;
mod keyed;
mod late;
mod left;
mod operate;
mod peer;
mod repeat;
mod several;
mod shared;
mod shelf;
mod slot;
mod table;
mod take;
mod timer;
mod undo;
mod world;
