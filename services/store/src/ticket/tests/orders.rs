//! All that may happen to a ticket once, in every order in which it may come.

use super::*;

/// Every order of these commands.
fn orders(commands: &[Command]) -> Vec<Vec<Command>> {
    if commands.is_empty() {
        return vec![vec![]];
    }
    let mut all = vec![];
    for (place, first) in commands.iter().enumerate() {
        let mut rest = commands.to_vec();
        rest.remove(place);
        for order in orders(&rest) {
            all.push([vec![first.clone()], order].concat());
        }
    }
    all
}

/// What becomes of a ticket that is told these.
fn life(order: &[Command]) -> Option<Ticket> {
    let mut now = None;
    for command in order {
        if let Ok((next, _)) = Ticket::decide(now.clone(), command.clone()) {
            now = Some(next);
        }
    }
    now
}

/// What the order was told when it asked whether it is too late.
fn promise(order: &[Command]) -> Result<State, Rejection> {
    let asks = |command: &Command| matches!(command, Command::Cancel { .. });
    let asked = order.iter().position(asks).expect("it asks");
    let before = life(&order[..asked]);
    Ticket::decide(before, order[asked].clone()).map(|(ticket, _)| ticket.state)
}

/// D-F4, D-T5: what the order was told stays true, whatever comes afterwards, and what came before.
#[test]
fn it_is_either_called_off_or_cooked() {
    let yes = checked(Heard::Yes(()));
    let (accept, start, finish) = (accept(seller()), start(seller()), finish(seller()));
    let all = orders(&[receive(), yes, accept, start, finish, cancel(), reject(seller())]);
    assert_eq!(all.len(), 5040);
    for order in all {
        let state = life(&order).expect("it came or was called off").state;
        match promise(&order) {
            Ok(promised) => assert_eq!(promised, state, "{order:?}"),
            Err(late) => {
                assert!(matches!(late, Rejection::Cooking | Rejection::Cooked), "{order:?}");
                assert!(matches!(state, State::Cooking | State::Cooked), "{order:?}");
            }
        }
    }
}
