//! What a figure is: something that is measured beside what it is compared with, round after round.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use serde::Serialize;

use crate::{judge::Target, load::Load, world::World};

/// Something that can be measured.
#[async_trait]
pub(crate) trait Figure {
    /// What it is about.
    fn about(&self) -> About;

    /// Starts all that its rounds need.
    async fn prepare(&self, world: &World) -> Result<Box<dyn Rounds>>;
}

/// A figure that is ready to be measured.
#[async_trait]
pub(crate) trait Rounds {
    /// Measures the baseline and ours, one after the other, each for `length`; answers a reading for
    /// each of the figure's measures, in their order.
    async fn round(&mut self, length: Duration) -> Result<Outcome>;
}

/// What a figure is about.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct About {
    /// Its short name, such as `P1`.
    pub(crate) id: &'static str,
    /// What is measured.
    pub(crate) title: &'static str,
    /// Which promise to keep data holds for both sides.
    pub(crate) durability: &'static str,
    /// What it tells.
    pub(crate) measures: &'static [Measure],
}

/// One thing that a figure tells.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Measure {
    /// What it is.
    pub(crate) name: &'static str,
    /// The unit of ours and of the baseline.
    pub(crate) unit: &'static str,
    /// What ours is divided by; where there is nothing, ours is the value itself.
    pub(crate) baseline: Option<&'static str>,
    /// What the value has to be by now.
    pub(crate) target: Option<Target>,
}

/// What one round found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// One of each measure.
    pub(crate) readings: Vec<Reading>,
    /// The loads that led to them.
    pub(crate) loads: Vec<Load>,
}

/// A measure in one round, in its unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Reading {
    /// Ours, the numerator.
    pub(crate) ours: f64,
    /// The denominator.
    pub(crate) baseline: Option<f64>,
}

impl Reading {
    /// Ours beside a baseline.
    pub(crate) fn beside(ours: f64, baseline: f64) -> Self {
        Self { ours, baseline: Some(baseline) }
    }

    /// Ours, which stands for itself.
    pub(crate) fn alone(ours: f64) -> Self {
        Self { ours, baseline: None }
    }

    /// What is judged: the ratio, or ours where nothing is compared.
    pub(crate) fn value(self) -> f64 {
        self.baseline.map_or(self.ours, |baseline| self.ours / baseline)
    }
}
