use aws_lc_rs::digest::{self, SHA256};

/// SHA-256, for exchanges that want the digest of a request signed.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // A digest of SHA-256 has 32 bytes.
    out.copy_from_slice(digest::digest(&SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sha_256() {
        let expected = [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea];
        assert_eq!(sha256(b"abc")[..8], expected, "FIPS 180-4, example 1");
    }
}
