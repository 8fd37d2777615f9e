//! What waits because somebody is away: an operator sees it, hurries it once it is mended, and can't
//! break it.

use jangteo_testing::{Node, grpc, until};
use serde_json::{Value, json};
use tonic::Code;

use crate::{
    mesh::{Database, Mesh},
    seller::{LONG, Seller, reason},
    stories::{
        market::{Layout, Market, RENTAL},
        renting::patiently,
        shell::{self, Ended},
    },
};

/// Tries after which the pause is longer than this test waits: 25 seconds and more.
const MANY: i64 = 10;

/// What an operator does at the process of rentals, at a prompt.
async fn saga(market: &Market, args: &[&str]) -> Ended {
    let mut command = shell::jangteo(&[&["saga"], args].concat());
    command.args(["--to", &market.node("rental").url()]);
    command.env("JANGTEO_KEY_DIR", market.key_dir());
    shell::run(command).await
}

/// What must be finished of rentals.
async fn finishing(market: &Market, more: &[&str]) -> String {
    let list = ["list", "--context", "rental", "--state", "finishing"];
    saga(market, &[&list[..], more].concat()).await.well()
}

async fn shown(market: &Market, id: &str) -> Value {
    serde_json::from_str(&saga(market, &["show", id]).await.well()).unwrap()
}

/// How an RPC refuses an operator.
async fn refuses(node: &Node, token: &str, rpc: &str, id: &str) -> (Code, String) {
    let path = format!("/jangteo.ops.v1.SagaService/{rpc}");
    let answer = grpc::call(node.channel(), &path, json!({"id": id}), Some(token), &[]).await;
    let status = answer.expect_err("it is refused");
    (status.code(), reason(&status))
}

/// An undo is never dropped, and its pause need not be waited for.
#[tokio::test(flavor = "multi_thread")]
async fn what_must_be_finished_is_seen_hurried_and_never_dropped() {
    let layout = Layout::together(RENTAL, Database::Sqlite).alone(&["payment"]);
    // Pauses grow without an end, so that nothing comes true by itself.
    let patient = [("JANGTEO_BACKOFF_MAX_MS", "600000")];
    let market = Market::start_with(layout, &patient).await.unwrap();
    let [owner, renter] = ["owner01", "YoungEunSong"].map(|name| market.person(name));
    let rental = renter.gets_paid(&owner.registers_camera().await).await;
    market.node("payment").kill();
    patiently(|| renter.takes_money_back(&rental)).await.unwrap();

    let id = format!("rental/rental/{rental}");
    let listed = until(LONG, async || {
        let said = finishing(&market, &[]).await;
        said.contains(&id).then_some(said)
    });
    let listed = listed.await;
    let asks = "finishing /jangteo.payment.v1.PaymentService/CancelPayment, asked ";
    assert!(listed.contains(asks) && listed.ends_with("1 sagas\n"), "{listed}");
    assert_eq!(finishing(&market, &["--min-age", "3600s"]).await, "0 sagas\n");
    hurried_in_vain(&market, &id).await;
    let ended = saga(&market, &["abort", &id]).await;
    assert!(ended.code == Some(1) && ended.err.contains("never dropped"), "{ended:?}");
    let operator = market.keys.operator();
    let refused = refuses(market.node("rental"), &operator, "AbortSaga", &id).await;
    assert_eq!(refused, (Code::FailedPrecondition, "MUST_FINISH".to_owned()));

    market.node("payment").restart().await.unwrap();
    finished(&market, &id).await;
    renter.sees_rental(&rental, "STATE_CONFIRMED").await;
    market.balances(&[&renter]).await;
}

/// Each time it is asked at once, and the pause after it is longer.
async fn hurried_in_vain(market: &Market, id: &str) {
    let first = shown(market, id).await;
    until(LONG, async || {
        saga(market, &["retry", id]).await.well();
        let now = shown(market, id).await;
        assert_eq!(now["create_time"], first["create_time"], "it is the same wait");
        (now["attempts"].as_i64()? >= MANY).then_some(())
    })
    .await;
}

/// A peer that was away for long is asked again after a few seconds only, whoever hurries. Then the
/// rental waits for its money once more.
async fn finished(market: &Market, id: &str) {
    until(LONG, async || {
        let again = saga(market, &["retry", id]).await;
        let done = again.code == Some(1) && again.err.contains("its time has not come");
        assert!(done || again.code == Some(0), "{again:?}");
        done.then_some(())
    })
    .await;
    assert_eq!(finishing(market, &[]).await, "0 sagas\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_offer_sleeps_and_nobody_wakes_it_before_its_time() {
    let mesh = Mesh::start().await.unwrap();
    let seller = Seller::at(&mesh.node, &mesh.keys, "seller01");
    let post = seller.write("의자").await.unwrap().id;
    let asked = json!({"post_id": post});
    let offer = until(LONG, async || {
        mesh.call("buyer01", "offer.v1.OfferService/CreateOffer", asked.clone()).await.ok()
    });
    let (offer, _) = offer.await;
    let id = format!("offer/offer/{}", offer["id"].as_str().unwrap());

    let list = ["saga", "list", "--context", "offer", "--state", "sleeping"];
    let listed = mesh.jangteo(&list).await.well();
    let own = listed.lines().skip_while(|line| *line != id).nth(1).unwrap_or_default();
    assert!(own.contains("sleeping for ") && own.contains("wakes at "), "{listed}");
    let early = mesh.jangteo(&["saga", "retry", &id]).await;
    assert!(early.code == Some(1) && early.err.contains("its time has not come"), "{early:?}");
    let operator = mesh.keys.operator();
    for (rpc, expected) in [("RetrySaga", "TIMER_NOT_DUE"), ("AbortSaga", "NOT_ASKING")] {
        let refused = refuses(&mesh.node, &operator, rpc, &id).await;
        assert_eq!(refused, (Code::FailedPrecondition, expected.to_owned()));
    }
    let elsewhere = mesh.jangteo(&["saga", "show", &format!("weather/x/{post}")]).await;
    assert!(elsewhere.err.contains("does not serve `weather`"), "{elsewhere:?}");
}
