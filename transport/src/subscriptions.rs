use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;
use tradewire_core::Error;

use crate::{StreamDialect, StreamLimits};

/// What is asked for a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Subscribe,
    Unsubscribe,
}

/// Which topics one connection still has to ask for, and which answers it waits for. Pure.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    queue: VecDeque<Step>,
    asked: BTreeMap<u64, Asked>,
}

#[derive(Clone, Debug)]
struct Step {
    ask: Ask,
    topic: Arc<str>,
    alone: bool,
}

#[derive(Debug)]
struct Asked {
    ask: Ask,
    topics: Vec<Arc<str>>,
    at: Instant,
}

impl Subscriptions {
    /// Queues a question. What was queued for the topic before is taken back: only its end matters.
    pub(crate) fn queue(&mut self, ask: Ask, topic: Arc<str>) {
        if ask == Ask::Unsubscribe {
            let never_asked = self.queue.iter().find(|step| step.topic == topic).map(|step| step.ask == Ask::Subscribe);
            self.queue.retain(|step| step.topic != topic);
            if never_asked == Some(true) {
                return;
            }
        }
        self.queue.push_back(Step { ask, topic, alone: false });
    }

    /// The topics whose subscription is not answered yet.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &Arc<str>> {
        let asked = self.asked.values().filter(|asked| asked.ask == Ask::Subscribe).flat_map(|asked| &asked.topics);
        let queued = self.queue.iter().filter(|step| step.ask == Ask::Subscribe).map(|step| &step.topic);
        asked.chain(queued)
    }

    /// Whether a question waits to be sent.
    pub(crate) fn has_questions(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether everything was asked and answered.
    pub(crate) fn is_settled(&self) -> bool {
        self.queue.is_empty() && self.asked.is_empty()
    }

    /// When the oldest question without an answer was sent.
    pub(crate) fn oldest_question(&self) -> Option<Instant> {
        self.asked.values().map(|asked| asked.at).min()
    }

    /// The next frame to send: as many topics of one kind as the limits allow.
    pub(crate) fn next_frame(
        &mut self,
        id: u64,
        dialect: &dyn StreamDialect,
        limits: &StreamLimits,
        now: Instant,
    ) -> Option<String> {
        let first = self.queue.front()?;
        let (ask, alone) = (first.ask, first.alone);
        let most = if alone { 1 } else { limits.topics_per_request.max(1) };
        let same = self.queue.iter().take(most).take_while(|step| step.ask == ask && step.alone == alone);
        let mut topics: Vec<_> = same.map(|step| step.topic.clone()).collect();
        let frame = loop {
            let frame = match ask {
                Ask::Subscribe => dialect.subscribe(id, &topics),
                Ask::Unsubscribe => dialect.unsubscribe(id, &topics),
            };
            if frame.len() <= limits.request_bytes_max || topics.len() == 1 {
                break frame;
            }
            topics.truncate(topics.len() / 2);
        };
        self.queue.drain(..topics.len());
        self.asked.insert(id, Asked { ask, topics, at: now });
        Some(frame)
    }

    /// Takes an answer. Returns the topics whose subscription it decides; those of a refused question with several
    /// topics are asked for again one by one instead.
    pub(crate) fn answer(&mut self, id: u64, refused: Option<Error>) -> Vec<(Arc<str>, Result<(), Error>)> {
        let Some(asked) = self.asked.remove(&id) else { return Vec::new() };
        let Asked { ask: Ask::Subscribe, mut topics, .. } = asked else { return Vec::new() };
        match refused {
            None => topics.into_iter().map(|topic| (topic, Ok(()))).collect(),
            Some(error) if topics.len() == 1 => topics.pop().map(|topic| (topic, Err(error))).into_iter().collect(),
            Some(_) => {
                let steps = topics.into_iter().map(|topic| Step { ask: Ask::Subscribe, topic, alone: true });
                self.queue.extend(steps);
                Vec::new()
            }
        }
    }
}
