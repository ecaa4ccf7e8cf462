//! What an API key may do.

use serde_json::json;

use super::call::{Asked, Reply};
use super::errors::ApiError;
use crate::accounts::KeyMaterial;

/// `GET /v5/user/query-api`
pub(super) fn query(asked: &Asked<'_>) -> Result<Reply, ApiError> {
    let text = asked.api_key()?;
    let accounts = asked.exchange.accounts.lock();
    let (account, key) = accounts.key(text).ok_or_else(ApiError::bad_key)?;
    let list = |may: bool, names: &[&str]| if may { json!(names) } else { json!([]) };
    let may = key.permissions.trade;
    let public_key = match &key.material {
        KeyMaterial::Rsa(_) => "RSA",
        _ => "",
    };
    let addresses: Vec<String> = key.addresses.iter().map(ToString::to_string).collect();
    let result = json!({
        "id": text, "note": "simulated", "apiKey": text, "readOnly": u8::from(!may), "secret": "",
        "permissions": {
            "ContractTrade": list(may, &["Order", "Position"]), "Spot": list(may, &["SpotTrade"]), "Wallet": [],
            "Options": [], "Derivatives": list(may, &["DerivativesTrade"]), "CopyTrading": [], "BlockTrade": [],
            "Exchange": [], "NFT": [], "Affiliate": [], "Earn": [],
        },
        "ips": if addresses.is_empty() { vec!["*".to_owned()] } else { addresses },
        "type": 1, "deadlineDay": 0, "expiredAt": "1970-01-01T00:00:00Z", "createdAt": "2024-01-01T00:00:00Z",
        "unified": 0, "uta": 1, "userID": 10_000_000 + account.0, "inviterID": 0, "vipLevel": "No VIP",
        "mktMakerLevel": "0", "affiliateID": 0, "rsaPublicKey": public_key, "isMaster": true, "parentUid": "0",
        "kycLevel": "LEVEL_DEFAULT", "kycRegion": "",
    });
    Ok(result.into())
}
