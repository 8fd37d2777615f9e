//! Each arrow, each refusal, and what holds whatever comes.

use jangteo_kit::execute::Aggregate;
use proptest::prelude::*;

use super::*;

fn listing(goods: &str) -> Listing {
    Listing { goods: goods.to_owned(), price_krw: 600_000, neighbourhood: "방배동".to_owned() }
}

fn seller() -> Actor {
    Actor("seller01".to_owned())
}

fn agreement(deal: u128) -> Agreement {
    Agreement {
        deal: Uuid::from_u128(deal),
        offer: Uuid::from_u128(deal + 100),
        buyer: "buyer03".to_owned(),
        price_krw: 510_000,
    }
}

fn post(state: State) -> Post {
    let id = Uuid::from_u128(1);
    Post { id, seller: "seller01".to_owned(), listing: listing("아이폰13 공기계"), state }
}

/// The state after the command, and how many events told of it.
fn after(state: State, command: Command) -> Result<(State, usize), Rejection> {
    Post::decide(Some(post(state)), command).map(|(post, events)| (post.state, events.len()))
}

fn create() -> Command {
    let (id, listing) = (Uuid::from_u128(1), listing("무선마우스"));
    Command::Create { id, seller: "seller01".to_owned(), listing, at: 0 }
}

fn update() -> Command {
    let edit = Edit { price_krw: Some(550_000), ..Edit::default() };
    Command::Update { by: seller(), edit, at: 1 }
}

/// A-F1
#[test]
fn a_new_post_is_available_and_told_of() {
    let (post, events) = Post::decide(None, create()).unwrap();
    assert_eq!(post.state, State::Available);
    assert!(matches!(&events[..], [Event::PostWritten(written)] if written.goods == "무선마우스"));
}

/// A-F6, A-F7
#[test]
fn a_seller_changes_his_post_while_no_deal_holds_it() {
    for state in [State::Available, State::Hidden] {
        assert_eq!(after(state.clone(), update()), Ok((state.clone(), 1)));
        let delete = Command::Delete { by: seller(), at: 1 };
        assert_eq!(after(state, delete), Ok((State::Deleted, 1)));
    }
}

#[test]
fn a_reserved_sold_or_deleted_post_is_not_changed() {
    for (state, why) in [
        (State::Reserved(agreement(1)), Rejection::Reserved),
        (State::Sold(agreement(1)), Rejection::Sold),
        (State::Deleted, Rejection::Deleted),
    ] {
        for command in [
            update(),
            Command::Delete { by: seller(), at: 1 },
            Command::Hide { by: seller(), at: 1 },
            Command::Reserve { by: seller(), agreement: agreement(2), at: 1 },
        ] {
            assert_eq!(after(state.clone(), command), Err(why));
        }
    }
}

#[test]
fn hiding_and_showing_again_are_told_once() {
    let hide = Command::Hide { by: seller(), at: 1 };
    let unhide = Command::Unhide { by: seller(), at: 1 };
    assert_eq!(after(State::Available, hide.clone()), Ok((State::Hidden, 1)));
    assert_eq!(after(State::Hidden, hide), Ok((State::Hidden, 0)));
    assert_eq!(after(State::Hidden, unhide.clone()), Ok((State::Available, 1)));
    assert_eq!(after(State::Available, unhide), Err(Rejection::NotHidden));
}

/// A-F3, A-F4, A-F5
#[test]
fn a_deal_reserves_and_then_releases_or_sells() {
    let reserve = Command::Reserve { by: seller(), agreement: agreement(1), at: 1 };
    let reserved = State::Reserved(agreement(1));
    assert_eq!(after(State::Available, reserve.clone()), Ok((reserved.clone(), 1)));
    assert_eq!(after(reserved.clone(), reserve.clone()), Ok((reserved.clone(), 0)));
    assert_eq!(after(State::Hidden, reserve), Err(Rejection::Hidden));
    let deal = agreement(1).deal;
    let release = Command::Release { deal, at: 2 };
    assert_eq!(after(reserved.clone(), release), Ok((State::Available, 1)));
    let sell = Command::Sell { deal, at: 2 };
    assert_eq!(after(reserved, sell), Ok((State::Sold(agreement(1)), 1)));
}

#[test]
fn another_deal_neither_releases_nor_sells() {
    let (deal, reserved) = (agreement(2).deal, State::Reserved(agreement(1)));
    for command in [Command::Release { deal, at: 2 }, Command::Sell { deal, at: 2 }] {
        assert_eq!(after(reserved.clone(), command), Ok((reserved.clone(), 0)));
    }
}

#[test]
fn nobody_buys_from_himself() {
    let agreement = Agreement { buyer: "seller01".to_owned(), ..agreement(1) };
    let reserve = Command::Reserve { by: seller(), agreement, at: 1 };
    assert_eq!(after(State::Available, reserve), Err(Rejection::OwnPost));
}

#[test]
fn a_strangers_commands_find_no_post() {
    let by = || Actor("seller02".to_owned());
    for command in [
        Command::Update { by: by(), edit: Edit::default(), at: 1 },
        Command::Delete { by: by(), at: 1 },
        Command::Hide { by: by(), at: 1 },
        Command::Unhide { by: by(), at: 1 },
        Command::Reserve { by: by(), agreement: agreement(1), at: 1 },
    ] {
        assert_eq!(after(State::Available, command), Err(Rejection::NotFound));
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    let by = prop_oneof![3 => Just(seller()), 1 => Just(Actor("seller02".to_owned()))];
    let deal = 1u128..4;
    prop_oneof![
        Just(create()),
        (by.clone(), 0i64..3).prop_map(|(by, price)| {
            let edit = Edit { price_krw: Some(price), ..Edit::default() };
            Command::Update { by, edit, at: 1 }
        }),
        by.clone().prop_map(|by| Command::Delete { by, at: 1 }),
        by.clone().prop_map(|by| Command::Hide { by, at: 1 }),
        by.clone().prop_map(|by| Command::Unhide { by, at: 1 }),
        (by, deal.clone())
            .prop_map(|(by, deal)| { Command::Reserve { by, agreement: agreement(deal), at: 1 } }),
        deal.clone().prop_map(|deal| Command::Release { deal: Uuid::from_u128(deal), at: 1 }),
        deal.prop_map(|deal| Command::Sell { deal: Uuid::from_u128(deal), at: 1 }),
    ]
}

proptest! {
    #[test]
    fn state_changes_exactly_when_an_event_tells_of_it(commands in proptest::collection::vec(any_command(), 0..40)) {
        let mut post = None;
        for command in commands {
            if let Ok((next, events)) = Post::decide(post.clone(), command) {
                prop_assert_eq!(events.is_empty(), post.as_ref() == Some(&next));
                post = Some(next);
            }
        }
    }

    #[test]
    fn sold_and_deleted_are_never_left(commands in proptest::collection::vec(any_command(), 0..40)) {
        for end in [State::Sold(agreement(1)), State::Deleted] {
            let mut now = post(end.clone());
            for command in commands.clone() {
                if let Ok((next, _)) = Post::decide(Some(now.clone()), command) {
                    now = next;
                }
                prop_assert_eq!(&now.state, &end);
            }
        }
    }

    #[test]
    fn a_command_given_twice_in_a_row_tells_nothing_new(commands in proptest::collection::vec(any_command(), 0..40)) {
        let mut now = post(State::Available);
        for command in commands {
            if let Ok((next, _)) = Post::decide(Some(now.clone()), command.clone()) {
                if let Ok((_, again)) = Post::decide(Some(next.clone()), command) {
                    prop_assert!(again.is_empty());
                }
                now = next;
            }
        }
    }
}
