//! What an account has chosen for a contract, and the margin that the exchange wants: requests for leverage, position mode and margin
//! mode as they are, for their changes, and for margin tiers.
