//! Requests that come again, at once, after each other, and from callers who have hung up.

mod cut_off;
mod repeats;
mod two_clients;
