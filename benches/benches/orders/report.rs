/// An execution report as the private stream sends it, in a WebSocket frame of the exchange.
pub(crate) struct Report {
    /// The order's number.
    pub(crate) order: u64,
    /// The number of its trade; `None` for the report that it was accepted.
    pub(crate) trade: Option<u64>,
    /// How many steps of it are filled.
    pub(crate) filled: u64,
}

/// What is filled by one trade.
const STEP: f64 = 0.000_01;

impl Report {
    pub(crate) fn frame(&self) -> Vec<u8> {
        let Self { order, filled, .. } = *self;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_millis());
        let (what, status) = if self.trade.is_some() { ("TRADE", "PARTIALLY_FILLED") } else { ("NEW", "NEW") };
        let (last, price, fee) = if self.trade.is_some() { (STEP, "55000", "0.00055") } else { (0.0, "0", "0") };
        let asset = if self.trade.is_some() { "\"USDT\"" } else { "null" };
        let trade = self.trade.map_or("-1".to_owned(), |trade| trade.to_string());
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let sum = filled as f64 * STEP;
        let text = format!(
            "{{\"subscriptionId\":0,\"event\":{{\"e\":\"executionReport\",\"E\":{now},\"s\":\"BTCUSDT\",\"c\":\"other-{order}\",\
             \"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"1.00000000\",\"p\":\"55000.00000000\",\"P\":\"0.00000000\",\
             \"F\":\"0.00000000\",\"g\":-1,\"C\":\"\",\"x\":\"{what}\",\"X\":\"{status}\",\"r\":\"NONE\",\"i\":{order},\
             \"l\":\"{last:.8}\",\"z\":\"{sum:.8}\",\"L\":\"{price}\",\"n\":\"{fee}\",\"N\":{asset},\"T\":{now},\"t\":{trade},\
             \"I\":{order},\"w\":true,\"m\":true,\"M\":false,\"O\":{now},\"Z\":\"{:.8}\",\"Y\":\"{:.8}\",\"Q\":\"0.00000000\",\
             \"W\":{now},\"V\":\"NONE\"}}}}",
            sum * 55_000.0,
            last * 55_000.0,
        );
        // Longer than 125 and shorter than 65 536 bytes, as such reports are.
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&[0x81, 126], &length[..], text.as_bytes()].concat()
    }
}
