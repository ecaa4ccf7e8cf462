use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tradewire::tracking::{Action, NewOrder};
use tradewire::{Connector, MarketConfig, OrderEntry, Pair, Secret, SigningKey, Timestamp, TradingConfig};
use tradewire_simulator::KeyType;

use crate::exchange::{Failure, Kept, PAIR, PRICE, QUANTITY, addresses, credentials, exchange, journal, order};
use crate::times::Times;

/// Building and signing one order, without sending it.
pub(crate) async fn building(key: KeyType, count: usize) -> Result<(), Failure> {
    let simulator = exchange().await?;
    let source = tradewire::account_source(
        "binance-spot",
        &addresses(&simulator),
        credentials(&simulator, key)?,
        OrderEntry::Rest,
    )?;
    let request = order()?;
    let instrument = source.market().decode_instruments(&source.market().instruments().await?.body)?;
    let instrument = instrument.instruments.into_iter().find(|known| known.pair == request.pair).ok_or("not listed")?;
    let action =
        Action::Place(NewOrder { request, client_order_id: "bench-1".into(), instrument: Arc::new(instrument) });
    let mut times = Vec::with_capacity(count);
    for at in 0..count {
        let at = Timestamp::from_millis(1_790_000_000_000 + i64::try_from(at)?);
        let began = Instant::now();
        std::hint::black_box(source.render(&action, Some(at)).await?);
        times.push(began.elapsed());
    }
    println!("built and signed, {key:?}: {}", Times::of(times));
    source.close().await;
    simulator.stop().await;
    Ok(())
}

/// A client that does nothing but sign, send and wait for the reply.
pub(crate) async fn bare(count: usize) -> Result<Times, Failure> {
    let simulator = exchange().await?;
    let key = simulator.credentials("main").into_iter().find(|key| key.key_type == KeyType::Hmac).ok_or("no key")?;
    let signing = SigningKey::hmac_sha256(&Secret::new(key.secret.as_str()))?;
    let (mut socket, _) =
        tokio_tungstenite::connect_async(simulator.addresses().ws_api.as_ref().ok_or("no socket")?).await?;
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let began = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let api_key = &key.api_key;
        let payload = format!(
            "apiKey={api_key}&newClientOrderId=bare-{number}&price={PRICE}&quantity={QUANTITY}&side=BUY&symbol=BTCUSDT\
             &timeInForce=GTC&timestamp={now}&type=LIMIT"
        );
        let mut signature = String::new();
        signing.sign(payload.as_bytes())?.append_to(&mut signature);
        let frame = format!(
            "{{\"id\":{number},\"method\":\"order.place\",\"params\":{{\"apiKey\":\"{api_key}\",\"newClientOrderId\":\
             \"bare-{number}\",\"price\":\"{PRICE}\",\"quantity\":\"{QUANTITY}\",\"side\":\"BUY\",\"symbol\":\"BTCUSDT\",\
             \"timeInForce\":\"GTC\",\"timestamp\":{now},\"type\":\"LIMIT\",\"signature\":\"{signature}\"}}}}"
        );
        socket.send(Message::text(frame)).await?;
        let reply = socket.next().await.ok_or("no reply")??;
        times.push(began.elapsed());
        if !reply.to_text()?.contains("\"status\":200") {
            return Err(format!("refused: {reply}").into());
        }
    }
    drop(socket);
    simulator.stop().await;
    Ok(Times::of(times))
}

/// Orders placed by the connector, until they are accepted.
pub(crate) async fn connector(entry: OrderEntry, kept: Kept, count: usize) -> Result<Times, Failure> {
    let simulator = exchange().await?;
    let folder = tempfile::tempdir()?;
    let source = tradewire::account_source(
        "binance-spot",
        &addresses(&simulator),
        credentials(&simulator, KeyType::Hmac)?,
        entry,
    )?;
    let journal = journal(kept, folder.path(), source.account())?;
    let pair: Pair = PAIR.parse()?;
    let connector = Connector::start(source, MarketConfig::default(), TradingConfig::new(journal), [pair])?;
    connector.ready().await?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let request = order()?;
        let began = Instant::now();
        connector.place(request).await?;
        times.push(began.elapsed());
    }
    connector.stop().await;
    simulator.stop().await;
    Ok(Times::of(times))
}
