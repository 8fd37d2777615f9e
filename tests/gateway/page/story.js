// Story A, second-hand goods: A-T1 to A-T12, by gRPC-Web. What came of it is told to the page's own server.

import { Code, ConnectError } from "@connectrpc/connect";

import { Market, check } from "./market.js";

const POST = "post.v1.PostService";
const OFFER = "offer.v1.OfferService";
const DEAL = "deal.v1.DealService";

const done = [];

async function step(name, play) {
    await play();
    done.push(name);
}

function says(what, expected) {
    for (const [field, value] of Object.entries(expected)) {
        check(what[field] === value, `${field} should be ${value} in ${JSON.stringify(what)}`);
    }
    return what;
}

// The seller's page, seen live: a watch that is there before the first post, and is hung up on at the end.
class Live {
    constructor(seller) {
        this.ended = new AbortController();
        this.changes = seller.watch(this.ended.signal);
    }

    // Waits for a change that fits.
    async shows(fits) {
        for (;;) {
            const { value, done } = await this.changes.next();
            check(!done, "a watch does not end by itself");
            if (fits(value)) return;
        }
    }

    async hangUp() {
        this.ended.abort();
        const end = await this.changes.next().catch((error) => ConnectError.from(error));
        check(end.code === Code.Canceled, `a watch that is hung up on ends: ${JSON.stringify(end)}`);
    }
}

async function play(market, people) {
    const { seller01, seller02, buyer01, buyer02, buyer03, stranger } = people;
    const live = new Live(seller01);
    await step("WATCH", () => live.shows((change) => change.reset));

    let phone, mouse;
    await step("A-T1", async () => {
        const body = { goods: "아이폰13 공기계", priceKrw: "600000", neighbourhood: "방배동" };
        const post = await seller01.call(`${POST}/CreatePost`, body);
        phone = says(post, { state: "STATE_AVAILABLE" }).id;
        check(market.written !== "", "a write answers a consistency token, and a page can read it");
        says(await seller01.sale(phone), { goods: "아이폰13 공기계" });
    });
    await step("A-T2", async () => {
        const body = { goods: "무선마우스", priceKrw: "10000", neighbourhood: "서초동" };
        mouse = (await seller02.call(`${POST}/CreatePost`, body)).id;
        says(await seller02.sale(mouse), { state: "STATE_AVAILABLE" });
        const sale = "view.v1.MySalesService/GetMySale";
        await seller02.refused(Code.NotFound, "MY_SALE_NOT_FOUND", sale, { postId: phone });
        const found = await stranger.call(`${POST}/ListPosts`, { text: "아이폰", state: "STATE_AVAILABLE" });
        check(found.posts.length === 1 && found.posts[0].id === phone, JSON.stringify(found));
    });

    let request, low, high;
    await step("A-T3", async () => {
        const offer = `${OFFER}/CreateOffer`;
        await seller02.refused(Code.FailedPrecondition, "OWN_POST", offer, { postId: mouse });
        request = await buyer01.call(offer, { postId: mouse });
        says(request, { type: "TYPE_PURCHASE_REQUEST", priceKrw: "10000" });
    });
    const propose = (buyer, price) =>
        buyer.call(`${OFFER}/CreateOffer`, { postId: phone, offeredPriceKrw: price });
    await step("A-T4", async () => (low = await propose(buyer02, "500000")));
    await step("A-T5", async () => {
        high = says(await propose(buyer03, "510000"), { listPriceKrw: "600000", priceKrw: "510000" });
    });
    await step("A-T6", async () => {
        const accept = `${OFFER}/AcceptOffer`;
        says(await seller01.call(accept, { id: high.id }), { state: "STATE_ACCEPTED" });
        await seller01.refused(Code.FailedPrecondition, "ANOTHER_OFFER_ACCEPTED", accept, { id: low.id });
    });

    let deal, mouseDeal;
    await step("A-T7", async () => {
        mouseDeal = await seller02.call(`${DEAL}/ReserveDeal`, { offerId: request.id });
    });
    await step("A-T8", async () => {
        const reserve = `${DEAL}/ReserveDeal`;
        await seller02.refused(Code.NotFound, "OFFER_NOT_FOUND", reserve, { offerId: high.id });
        deal = await seller01.call(reserve, { offerId: high.id, meetingPlace: "방배역 2번 출구" });
        says(deal, { state: "STATE_RESERVED", priceKrw: "510000" });
        says(await seller01.sale(phone), { state: "STATE_RESERVED" });
        const cheaper = { id: phone, priceKrw: "1" };
        const update = `${POST}/UpdatePost`;
        const error = await seller01.refused(Code.FailedPrecondition, "POST_RESERVED", update, cheaper);
        check(market.details(error, "RetryInfo").length === 1, "it says when to try again");
    });
    await step("A-T9", async () => {
        const complete = `${DEAL}/CompleteDeal`;
        await buyer03.refused(Code.PermissionDenied, "SELLER_ONLY", complete, { id: deal.id });
        says(await seller01.call(complete, { id: deal.id }), { state: "STATE_ENDED" });
    });
    await step("A-T10", async () => {
        await stranger.becomes("STATE_SOLD", `${POST}/GetPost`, { id: phone });
        await live.shows(({ sale }) => sale?.postId === phone && sale.state === "STATE_SOLD");
        await buyer03.becomes("STATE_COMPLETED", `${OFFER}/GetOffer`, { id: high.id });
        await buyer02.becomes("STATE_AUTO_CANCELLED", `${OFFER}/GetOffer`, { id: low.id });
    });
    await step("A-T11", async () => {
        says(await buyer01.call(`${DEAL}/CancelDeal`, { id: mouseDeal.id }), { state: "STATE_CANCELLED" });
        await stranger.becomes("STATE_AVAILABLE", `${POST}/GetPost`, { id: mouse });
        await buyer01.becomes("STATE_PENDING", `${OFFER}/GetOffer`, { id: request.id });
    });
    await step("A-T12", async () => {
        const again = { postId: phone };
        await buyer01.refused(Code.FailedPrecondition, "POST_SOLD", `${OFFER}/CreateOffer`, again);
        const offers = await buyer01.call(`${OFFER}/ListOffers`, again);
        check(offers.offers === undefined, `nothing was written: ${JSON.stringify(offers)}`);
    });
    await step("HANG UP", () => live.hangUp());
}

async function told() {
    const { url, tokens } = await (await fetch("/market.json")).json();
    const descriptors = await (await fetch("/descriptors.bin")).arrayBuffer();
    const market = new Market(url, new Uint8Array(descriptors));
    const people = Object.entries(tokens).map(([name, token]) => [name, market.person(token)]);
    await play(market, Object.fromEntries(people));
}

const failure = await told().then(
    () => null,
    (error) => `${error}`,
);
const headers = { "content-type": "application/json" };
await fetch("/report", { method: "POST", headers, body: JSON.stringify({ done, failure }) });
