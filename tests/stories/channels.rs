//! People are told elsewhere, too: by mail and by webhook.

mod receiver;

use std::time::Duration;

use jangteo_testing::{Mail, Smtp, until};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tonic::{Code, Status};

use self::receiver::{Received, Receiver};
use super::{
    market::{Client, Layout, Market, Reply, Story},
    refusal::refused,
    shell::packages,
};
use crate::mesh::Database;

/// The least that somebody is told of something by.
const TOLD: Story = &["item", "rental", "notification"];
/// An answer that never comes is waited for, and the request is made again by whoever sweeps.
const AGAIN: Duration = Duration::from_mins(1);

impl Client {
    /// Calls an RPC of channels.
    async fn channels(&self, method: &str, body: Value) -> Result<Reply, Status> {
        self.ask(&format!("notification.v1.ChannelService/{method}"), body).await
    }

    async fn creates(&self, kind: &str, address: &str) -> Result<Reply, Status> {
        let english = "LANGUAGE_EN";
        self.channels(
            "CreateChannel",
            json!({"kind": kind, "address": address, "language": english}),
        )
        .await
    }

    /// What goes through a channel, newest first.
    async fn dispatches(&self, channel: &str) -> Vec<Value> {
        let rpc = "notification.v1.ChannelService/ListDispatches";
        self.all(rpc, "dispatches", json!({"channelId": channel})).await
    }

    /// Waits until the newest dispatch of a channel is in this state.
    async fn dispatch_in(&self, channel: &str, state: &str) -> Value {
        let newest = async || {
            let newest = self.dispatches(channel).await.into_iter().next()?;
            (newest["state"] == state).then_some(newest)
        };
        until(AGAIN, newest).await
    }
}

/// A market that may send anything anywhere, with somebody who rents out a camera.
async fn market(database: Database, envs: &[(&str, &str)]) -> (Market, Client, String) {
    let mut all = vec![("JANGTEO_WEBHOOKS_ANYWHERE", "true")];
    all.extend_from_slice(envs);
    let market = Market::start_with(Layout::together(TOLD, database), &all).await.unwrap();
    let owner = market.person("owner01");
    let camera = owner.registers_camera().await;
    (market, owner, camera)
}

/// The same, with a mail server.
async fn market_with_mail() -> (Market, Smtp, Client, String) {
    let smtp = Smtp::start(&packages("smtp").await).await.unwrap();
    let from = "jangteo <no-reply@market.example>";
    let envs = [("JANGTEO_MAIL_URL", smtp.url()), ("JANGTEO_MAIL_FROM", from.to_owned())];
    let envs = envs.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (market, owner, camera) = market(Database::Sqlite, &envs).await;
    (market, smtp, owner, camera)
}

/// Waits for a number of mails, and answers the last of them.
async fn mail(smtp: &Smtp, number: usize) -> Mail {
    let mails = async || (smtp.mails().len() >= number).then(|| smtp.mails());
    let mails = until(AGAIN, mails).await;
    assert_eq!(mails.len(), number, "{mails:#?}");
    mails.into_iter().next_back().unwrap()
}

/// Waits for a number of webhooks, and answers them.
async fn webhooks(receiver: &Receiver, number: usize) -> Vec<Received> {
    let all = async || (receiver.received().len() >= number).then(|| receiver.received());
    let all = until(AGAIN, all).await;
    assert_eq!(all.len(), number, "{all:#?}");
    all
}

fn code(mail: &Mail) -> String {
    let (_, rest) = mail.text.split_once("with the code ").expect("it tells the code");
    rest.split_once('.').expect("a sentence ends").0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_to_an_address_that_was_confirmed_once_for_each_notification() {
    let (market, smtp, owner, camera) = market_with_mail().await;
    let channel = owner.creates("KIND_MAIL", "owner01@post.example").await.unwrap();
    assert_eq!(channel.text("state"), "STATE_UNCONFIRMED");
    let asked = mail(&smtp, 1).await;
    assert_eq!(asked.to, ["owner01@post.example"]);

    // Until then nothing else is sent there: what another channel has was not for this one.
    let beside = Receiver::answering(&[]).await;
    owner.creates("KIND_WEBHOOK", beside.url()).await.unwrap();
    let renter = market.person("YoungEunSong");
    let first = renter.gets(&camera).await;
    webhooks(&beside, 1).await;
    let confirm = async |code: &str| {
        owner.channels("ConfirmChannel", json!({"id": channel.id(), "code": code})).await
    };
    refused(confirm("12345").await, Code::InvalidArgument, "CONFIRMATION_CODE_WRONG");
    assert_eq!(confirm(&code(&asked)).await.unwrap().text("state"), "STATE_ACTIVE");

    renter.rental("CancelRental", json!({"id": first})).await.unwrap();
    let told = mail(&smtp, 2).await;
    let newest =
        owner.channels("ListDispatches", json!({"channelId": channel.id()})).await.unwrap();
    let newest = &newest.body["dispatches"][0];
    let id = format!("<{}@market.example>", newest["notificationId"].as_str().unwrap());
    let says = |what: &str| assert!(told.text.contains(what), "{told:?}");
    says("“Camera”");
    says(&format!("rentals/{first}"));
    for (header, value) in [
        ("from", "jangteo <no-reply@market.example>"),
        ("to", "owner01@post.example"),
        ("message-id", &id),
        ("auto-submitted", "auto-generated"),
    ] {
        assert_eq!(told.headers[header], value);
    }
    assert!(told.text.starts_with(&told.headers["subject"]), "{told:?}");
    owner.dispatch_in(channel.id(), "STATE_SENT").await;

    // A process that starts again sends nothing again; a channel that is deleted, nothing more, while
    // another one still does.
    market.node("notification").restart().await.unwrap();
    let receiver = Receiver::answering(&[]).await;
    owner.creates("KIND_WEBHOOK", receiver.url()).await.unwrap();
    let deleted = owner.channels("DeleteChannel", json!({"id": channel.id()})).await.unwrap();
    assert_eq!((deleted.text("state"), deleted.text("address")), ("STATE_DELETED", ""));
    owner.sees_item(&camera, "STATE_RENTABLE").await;
    renter.gets(&camera).await;
    webhooks(&receiver, 1).await;
    mail(&smtp, 2).await;
    refused(confirm(&code(&asked)).await, Code::NotFound, "CHANNEL_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_nobody_takes_dies_and_mail_that_is_put_off_comes_later() {
    let (_market, smtp, owner, _) = market_with_mail().await;
    let nobody = owner.creates("KIND_MAIL", "nobody@post.example").await.unwrap();
    let later = owner.creates("KIND_MAIL", "later@post.example").await.unwrap();
    let dead = owner.dispatch_in(nobody.id(), "STATE_DEAD").await;
    assert!(dead["failure"].as_str().unwrap().contains("no such mailbox"), "{dead}");
    let sent = owner.dispatch_in(later.id(), "STATE_SENT").await;
    assert_eq!(sent["attempts"], 2, "{sent}");
    assert_eq!(mail(&smtp, 1).await.to, ["later@post.example"]);
    for address in ["", "seller01", "seller01@", "a@b\r\nBcc: c@d"] {
        let answer = owner.creates("KIND_MAIL", address).await;
        assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "{address}");
    }
    let twice = owner.creates("KIND_MAIL", "later@post.example").await;
    refused(twice, Code::AlreadyExists, "CHANNEL_EXISTS");
}

async fn signed_and_sent_again(database: Database) {
    let (market, owner, camera) = market(database, &[]).await;
    let receiver = Receiver::answering(&[StatusCode::SERVICE_UNAVAILABLE]).await;
    let channel = owner.creates("KIND_WEBHOOK", receiver.url()).await.unwrap();
    let secret = channel.text("secret");
    market.person("YoungEunSong").gets(&camera).await;
    let waits = owner.dispatch_in(channel.id(), "STATE_WAITING").await;
    assert!(waits["failure"].as_str().unwrap().contains("503"), "{waits}");
    let came = webhooks(&receiver, 2).await;
    let sent = owner.dispatch_in(channel.id(), "STATE_SENT").await;
    for hook in &came {
        assert_eq!(hook.id(), sent["notificationId"]);
        assert!(hook.is_signed_with(secret) && !hook.tampered().is_signed_with(secret));
        let said = hook.json();
        assert_eq!(said["type"], "notification.item_reserved");
        assert_eq!(said["data"]["subject"], format!("items/{camera}"));
        assert_eq!(said["data"]["id"], hook.id());
        assert!(said["data"]["text"].as_str().unwrap().contains("YoungEunSong"), "{said}");
    }
    // His webhooks are nobody else's business.
    let stranger = market.person("stranger01");
    let asked = json!({"id": channel.id()});
    for method in ["GetChannel", "DeleteChannel"] {
        let answer = stranger.channels(method, asked.clone()).await;
        refused(answer, Code::NotFound, "CHANNEL_NOT_FOUND");
    }
    let asked = json!({"channelId": channel.id()});
    let answer = stranger.channels("ListDispatches", asked).await;
    refused(answer, Code::NotFound, "CHANNEL_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_signed_and_sent_again_on_sqlite() {
    signed_and_sent_again(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_signed_and_sent_again_on_postgres() {
    signed_and_sent_again(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_signed_and_sent_again_on_mariadb() {
    signed_and_sent_again(Database::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_kept_and_sent_once_more_by_its_owner() {
    let (market, owner, camera) = market(Database::Sqlite, &[]).await;
    let receiver = Receiver::answering(&[StatusCode::GONE]).await;
    let channel = owner.creates("KIND_WEBHOOK", receiver.url()).await.unwrap();
    market.person("YoungEunSong").gets(&camera).await;
    let dead = owner.dispatch_in(channel.id(), "STATE_DEAD").await;
    assert!(dead["failure"].as_str().unwrap().contains("410"), "{dead}");
    let retry = async |who: &Client| who.channels("RetryDispatch", json!({"id": dead["id"]})).await;
    refused(retry(&market.person("stranger01")).await, Code::NotFound, "DISPATCH_NOT_FOUND");
    assert_eq!(retry(&owner).await.unwrap().text("state"), "STATE_SENDING");
    let sent = owner.dispatch_in(channel.id(), "STATE_SENT").await;
    assert_eq!((&sent["id"], &sent["attempts"]), (&dead["id"], &json!(2)));
    refused(retry(&owner).await, Code::FailedPrecondition, "DISPATCH_NOT_DEAD");
    assert_eq!(webhooks(&receiver, 2).await[0].id(), webhooks(&receiver, 2).await[1].id());
}

/// What was under way when a process died is sent again under the same id.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_outlives_the_process_that_was_sending_it() {
    let (market, owner, camera) = market(Database::Sqlite, &[]).await;
    // Received, and never answered.
    let receiver = Receiver::answering(&[StatusCode::PROCESSING]).await;
    let channel = owner.creates("KIND_WEBHOOK", receiver.url()).await.unwrap();
    market.person("YoungEunSong").gets(&camera).await;
    webhooks(&receiver, 1).await;
    market.node("notification").restart().await.unwrap();
    let came = webhooks(&receiver, 2).await;
    assert_eq!(came[0].id(), came[1].id());
    owner.dispatch_in(channel.id(), "STATE_SENT").await;
}

/// Nobody makes the market knock at doors behind it.
#[tokio::test(flavor = "multi_thread")]
async fn webhooks_go_to_the_open_internet_and_mail_only_where_there_is_a_server() {
    let market = Market::of(TOLD, Database::Sqlite).await;
    let owner = market.person("owner01");
    for url in [
        "http://shop.example/hook",
        "https://127.0.0.1/hook",
        "https://2130706433/hook",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://owner01:s3cret@shop.example/hook",
        "file:///etc/passwd",
        "hook",
    ] {
        let answer = owner.creates("KIND_WEBHOOK", url).await;
        refused(answer, Code::InvalidArgument, "CHANNEL_ADDRESS_INVALID");
    }
    // A name is looked at when it is called.
    let receiver = Receiver::answering(&[]).await;
    let port = receiver.url().rsplit_once(':').unwrap().1;
    let hidden = format!("https://localhost:{port}");
    let channel = owner.creates("KIND_WEBHOOK", &hidden).await.unwrap();
    market.person("YoungEunSong").gets(&owner.registers_camera().await).await;
    let waits = owner.dispatch_in(channel.id(), "STATE_WAITING").await;
    assert!(waits["failure"].as_str().unwrap().contains("open internet"), "{waits}");
    let mail = owner.creates("KIND_MAIL", "owner01@post.example").await;
    refused(mail, Code::FailedPrecondition, "MAIL_NOT_CONFIGURED");
}
