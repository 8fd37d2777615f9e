//! What my-page should show of the goods of a story, and whether it does.

use jangteo::{
    deal::v1::Deal,
    post::v1::Post,
    view::v1::{GetMyDealRequest, GetMySaleRequest, MyDeal, MySale, my_deal, my_sale},
};

use super::{
    page::{Page, Shown},
    print::won,
    stage::Stage,
    step::{Row, Step},
};

/// Goods, and how my-page should show them: to their seller among his sales, to their buyer among
/// his deals. Times are the market's own.
pub(super) struct Goods {
    pub(super) post_id: String,
    seller: String,
    /// None once the post is deleted.
    sale: Option<MySale>,
    deal: Option<MyDeal>,
}

impl Goods {
    /// For sale, as a post says.
    pub(super) fn of(post: &Post) -> Self {
        let (post_id, seller) = (post.id.clone(), post.seller.clone());
        let sale = MySale {
            post_id: post_id.clone(),
            seller: seller.clone(),
            goods: post.goods.clone(),
            price_krw: post.price_krw,
            neighbourhood: post.neighbourhood.clone(),
            state: my_sale::State::Available.into(),
            ..MySale::default()
        };
        Self { post_id, seller, sale: Some(sale), deal: None }
    }

    /// The deal on them; empty before there is one.
    pub(super) fn deal_id(&self) -> String {
        self.deal.as_ref().map(|deal| deal.deal_id.clone()).unwrap_or_default()
    }

    /// A deal on them is planned.
    pub(super) fn reserved(&mut self, deal: &Deal) {
        let Some(sale) = &mut self.sale else { return };
        sale.set_state(my_sale::State::Reserved);
        sale.agreed_price_krw = Some(deal.price_krw);
        deal.id.clone_into(&mut sale.deal_id);
        deal.buyer.clone_into(&mut sale.buyer);
        self.deal = Some(MyDeal {
            deal_id: deal.id.clone(),
            offer_id: deal.offer_id.clone(),
            post_id: deal.post_id.clone(),
            goods: sale.goods.clone(),
            seller: deal.seller.clone(),
            buyer: deal.buyer.clone(),
            price_krw: deal.price_krw,
            state: my_deal::State::Reserved.into(),
            meeting_time: deal.meeting_time,
            quantity: 1,
            ..MyDeal::default()
        });
    }

    /// They are handed over.
    pub(super) fn handed_over(&mut self) {
        if let (Some(sale), Some(deal)) = (&mut self.sale, &mut self.deal) {
            sale.set_state(my_sale::State::Sold);
            deal.set_state(my_deal::State::Ended);
        }
    }

    /// The deal on them is called off: they are for sale again.
    pub(super) fn called_off(&mut self) {
        if let (Some(sale), Some(deal)) = (&mut self.sale, &mut self.deal) {
            sale.set_state(my_sale::State::Available);
            sale.agreed_price_krw = None;
            sale.deal_id.clear();
            sale.buyer.clear();
            deal.set_state(my_deal::State::Cancelled);
        }
    }

    /// They have another price.
    pub(super) fn priced(&mut self, price_krw: i64) {
        if let Some(sale) = &mut self.sale {
            sale.price_krw = price_krw;
        }
    }

    /// Their post is gone.
    pub(super) fn deleted(&mut self) {
        self.sale = None;
    }

    /// Waits until my-page shows all of it, and answers what it shows.
    pub(super) async fn my_page(&self, stage: &Stage, step: &Step) -> anyhow::Result<Vec<Row>> {
        let mut rows = vec![self.sale(stage, step).await?];
        if let Some(deal) = &self.deal {
            let request = GetMyDealRequest { deal_id: deal.deal_id.clone() };
            let page = Page { of: &deal.buyer, request, expected: Some(deal.clone()) };
            rows.push(page.shown(stage, step, "MY_DEAL_NOT_FOUND").await?);
        }
        Ok(rows)
    }

    async fn sale(&self, stage: &Stage, step: &Step) -> anyhow::Result<Row> {
        let request = GetMySaleRequest { post_id: self.post_id.clone() };
        let page = Page { of: &self.seller, request, expected: self.sale.clone() };
        page.shown(stage, step, "MY_SALE_NOT_FOUND").await
    }
}

impl Shown for MySale {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, ..self.clone() }
    }

    fn words(&self) -> String {
        let (goods, price) = (&self.goods, won(self.price_krw));
        let agreed = won(self.agreed_price_krw.unwrap_or_default());
        let stands = match self.state() {
            my_sale::State::Available => "for sale (거래가능)".to_owned(),
            my_sale::State::Reserved => {
                format!("reserved (거래예정) for {}, who pays {agreed}", self.buyer)
            }
            my_sale::State::Sold => format!("sold (거래완료) to {} for {agreed}", self.buyer),
            my_sale::State::Hidden | my_sale::State::Unspecified => "off the lists".to_owned(),
        };
        format!("sells {goods} at {price}: {stands}")
    }
}

impl Shown for MyDeal {
    fn timeless(&self) -> Self {
        Self { create_time: None, update_time: None, ..self.clone() }
    }

    fn words(&self) -> String {
        let stands = match self.state() {
            my_deal::State::Reserved => "to be handed over (거래진행중)",
            my_deal::State::Ended => "handed over (거래완료)",
            my_deal::State::Refused => "not to be had (거래불가)",
            my_deal::State::Cancelled | my_deal::State::Unspecified => "called off (거래취소)",
        };
        let Self { goods, seller, price_krw, .. } = self;
        format!("buys {goods} of {seller} for {}: {stands}", won(*price_krw))
    }
}
