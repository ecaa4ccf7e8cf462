use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tradewire_binance::spot::SpotAccount;
use tradewire_core::{Error, ExecutionReport, PrivateMessage, Timestamp};
use tradewire_tracking::{AccountSource, PrivateFrame};
use tradewire_transport::{
    Clock, FrameKind, Opening, ProxyChoice, Socket, SocketConfig, SocketContext, SocketHandle, SocketHandler,
};

/// More than any test lets happen.
const MESSAGES_MAX: usize = 1_024;

/// What the private stream of an account tells.
pub(crate) struct Events {
    messages: mpsc::Receiver<PrivateMessage>,
    socket: SocketHandle<()>,
}

impl Events {
    /// Subscribes; returns once that is done.
    pub(crate) async fn follow(account: &SpotAccount) -> Self {
        let (told, messages) = mpsc::channel(MESSAGES_MAX);
        let (opened, mut is_open) = mpsc::channel(MESSAGES_MAX);
        let config = SocketConfig {
            exchange: "binance-spot",
            proxy: ProxyChoice::Direct,
            connects: account.market().connect_pace().clone(),
            clock: Clock::start(),
        };
        let teller = Teller { account: account.clone(), told, opened };
        let socket = Socket::spawn(teller, account.private_stream(), config).expect("an address");
        is_open.recv().await.expect("subscribed");
        Self { messages, socket }
    }

    /// The next message of a kind.
    pub(crate) async fn next(&mut self, wanted: impl Fn(&PrivateMessage) -> bool) -> PrivateMessage {
        loop {
            let message = self.messages.recv().await.expect("the stream goes on");
            if wanted(&message) {
                return message;
            }
        }
    }

    /// The next report of an order.
    pub(crate) async fn order(&mut self, id: &str) -> ExecutionReport {
        let of_it = |message: &PrivateMessage| match message {
            PrivateMessage::Order(report) => report.client_order_id.as_ref().is_some_and(|known| known.as_str() == id),
            _ => false,
        };
        match self.next(of_it).await {
            PrivateMessage::Order(report) => *report,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn close(self) {
        self.socket.close().await.expect("closed");
    }
}

/// Passes on what it is told.
struct Teller {
    account: SpotAccount,
    told: mpsc::Sender<PrivateMessage>,
    opened: mpsc::Sender<()>,
}

impl SocketHandler for Teller {
    type Command = ();

    fn opened(&mut self, _: Opening, _: &mut SocketContext) {
        self.opened.try_send(()).expect("awaited");
    }

    fn frame(&mut self, frame: &[u8], _: Timestamp, _: &mut SocketContext) -> FrameKind {
        match self.account.decode_private(frame).expect("readable") {
            PrivateFrame::Messages(messages, errors) => {
                assert!(errors.is_empty(), "{errors:?}");
                messages.into_iter().for_each(|message| self.told.try_send(message).expect("room"));
                FrameKind::Data
            }
            PrivateFrame::Reply { id, refused } => FrameKind::Reply { id, refused },
            other => panic!("{other:?}"),
        }
    }

    fn batch_ended(&mut self, _: &mut SocketContext) {}

    fn subscribed(&mut self, _: &Arc<str>, _: Result<(), Error>, _: &mut SocketContext) {}

    fn closed(&mut self, _: &Error, _: &mut SocketContext) {}

    fn unreachable(&mut self, error: &Error, _: Instant, _: &mut SocketContext) {
        panic!("{error}");
    }

    fn command(&mut self, (): (), _: &mut SocketContext) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn tick(&mut self, _: Instant, _: &mut SocketContext) {}
}
