//! All that may happen to a delivery once, in every order in which it may come.

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

/// What becomes of a delivery that is told these, and what it tells.
fn life(order: &[Command]) -> (Option<Delivery>, Vec<Event>) {
    let (mut now, mut told) = (None, vec![]);
    for command in order {
        let Ok((next, events)) = Delivery::decide(now.clone(), command.clone()) else { continue };
        if let Some(before) = now.filter(|before: &Delivery| is_final(&before.state)) {
            assert_eq!((&before, events.len()), (&next, 0), "an end is left in {order:?}");
        }
        told.extend(events);
        now = Some(next);
    }
    (now, told)
}

/// What the order was told when it asked whether it is too late.
fn promise(order: &[Command]) -> Result<State, Rejection> {
    let asks = |command: &Command| matches!(command, Command::Cancel { .. });
    let asked = order.iter().position(asks).expect("it asks");
    let (before, _) = life(&order[..asked]);
    Delivery::decide(before, order[asked].clone()).map(|(delivery, _)| delivery.state)
}

/// E-T5, E-T7: what the order was told stays true, whatever comes afterwards, and what came before.
#[test]
fn it_is_either_called_off_or_picked_up() {
    let all = orders(&[start(), cancel(), call_off(), pick_up(courier()), complete(courier())]);
    assert_eq!(all.len(), 120);
    for order in all {
        let (now, told) = life(&order);
        let state = now.expect("it was begun or called off").state;
        let (picked_up, completed, cancelled) = counted(&told);
        assert_eq!((picked_up + cancelled, completed <= picked_up), (1, true), "{order:?}");
        assert_eq!(state == State::Cancelled, cancelled == 1, "{order:?}");
        match promise(&order) {
            Ok(promised) => assert_eq!((promised, &state), (State::Cancelled, &State::Cancelled)),
            Err(late) => {
                assert!(matches!(late, Rejection::PickedUp | Rejection::Delivered), "{order:?}");
                assert_eq!(picked_up, 1, "{order:?}");
            }
        }
    }
}
