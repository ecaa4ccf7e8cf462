//! Memory that held a secret is zero when it is given back.

#![allow(unsafe_code)] // An allocator that inspects cannot be written without.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::account::{Bench, Place};
use common::http::{Server, reply};
use tradewire_transport::{Credentials, Secret, SigningKey};

/// Every secret of this test begins with this, and nothing else holds it.
const MARK: [u8; 8] = [0x5a, 0x71, 0x39, 0x6b, 0x44, 0x77, 0x61, 0x58];
/// The same as text.
const MARK_TEXT: &str = "Zq9kDwaX";

struct Inspecting;

static FOUND: AtomicU64 = AtomicU64::new(0);
static SEEN: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator unchanged; memory is only read, and while it is still whole.
unsafe impl GlobalAlloc for Inspecting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises. Zeroed, so that all of it may be read later.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the memory is the caller's until now, and was zeroed at first.
        let bytes = unsafe { std::slice::from_raw_parts(pointer, layout.size()) };
        SEEN.fetch_add(1, Ordering::Relaxed);
        if bytes.windows(MARK.len()).any(|window| window == MARK) {
            FOUND.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Inspecting = Inspecting;

fn found() -> u64 {
    FOUND.load(Ordering::Relaxed)
}

/// A PEM with the mark in its base64 and, decoded, in the key itself; the bytes that it was made of are wiped here.
fn pem() -> Secret {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&MARK);
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a pair");
    let mut der = pair.to_pkcs8v1().expect("a document").as_ref().to_vec();
    let mut text = String::with_capacity(1_024);
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    STANDARD.encode_string(&der, &mut text);
    text.push_str("\n-----END PRIVATE KEY-----\n");
    der.fill(0);
    Secret::new(text)
}

async fn trade(key: SigningKey) {
    let server = Server::start(|_, _| reply(200, "", "=")).await;
    let api_key = Secret::new("an-api-key");
    let bench = Bench::with(Credentials::new(api_key, key).expect("credentials"));
    bench.rest(&server.url).command(&Place("a")).await.expect("an answer");
    let copy = bench.session.clone();
    drop(bench);
    drop(copy);
}

#[test]
fn no_copy_of_a_secret_is_left_behind() {
    assert_eq!(MARK_TEXT.as_bytes(), MARK);
    drop(MARK.to_vec());
    assert_eq!(found(), 1, "the allocator does look");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for length in [8, 40, 64, 200] {
            let mut text = String::with_capacity(length + 100);
            text.push_str(MARK_TEXT);
            text.extend(std::iter::repeat_n('x', length - MARK_TEXT.len()));
            let secret = Secret::new(text);
            trade(SigningKey::hmac_sha256(&secret).expect("a key")).await;
            let shared = secret.clone();
            drop(secret);
            assert_eq!(shared.expose().len(), length);
        }
        assert_eq!(found(), 1, "HMAC");
        let pem = pem();
        trade(SigningKey::from_pem(&pem).expect("a key")).await;
        drop(pem);
        assert_eq!(found(), 1, "a private key");
        let wrong = Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{MARK_TEXT}!\n-----END PRIVATE KEY-----"));
        let error = SigningKey::from_pem(&wrong).expect_err("no key");
        drop((wrong, error));
        assert_eq!(found(), 1, "what is no key");
    });
    drop(runtime);
    assert_eq!(found(), 1);
    assert!(SEEN.load(Ordering::Relaxed) > 1_000);
}
