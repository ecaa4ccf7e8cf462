//! Secrets in memory.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tradewire_simulator::KeyType;
use tradewire_transport::{Credentials, Secret, SigningKey};
use zeroize::{Zeroize, Zeroizing};

use super::auth::{Idle, account, actions};
use crate::bench::{Bench, Setup};
use crate::row::{Failed, Shown, Verdict, expect};

/// This process's memory, as a file.
const MEMORY: &str = "/proc/self/mem";
/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Length of the marks that are looked for.
const MARK: usize = 32;
/// What marks are hidden with, so that the search does not find what it looks for with itself.
const VEIL: u8 = 0x5a;
/// PKCS#8 of an Ed25519 key: this head, then the seed.
const HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

pub(super) async fn sec_03(bench: &Bench) -> Verdict {
    if File::open(MEMORY).is_err() {
        return Ok(Shown::NotRun("a system that shows a process its own memory".to_owned()));
    }
    let idle = Idle::start(bench, Setup::quiet(bench, &["BTC-USDT"])?.exchange).await?;
    let takes_private_keys = bench.account_wire()?.key_types().contains(&KeyType::Ed25519);
    for private_key in [false, true].into_iter().filter(|private_key| !private_key || takes_private_keys) {
        let mark = mark(bench, private_key);
        let (secret, looked_for) = if private_key { pem(&mark) } else { shared_secret(&mark) };
        let held = count(&looked_for)?;
        expect(held > 0, "the secret, as long as it is held", "nothing: the search is blind")?;
        use_and_drop(bench, &idle, secret, private_key).await?;
        tokio::time::sleep(super::mkt::SECOND).await;
        let left = count(&looked_for)?;
        expect(left == 0, "no copy of a dropped secret in memory", format_args!("{left}"))?;
    }
    idle.stop().await
}

/// Makes a connector of a secret, has it sign, and drops both.
async fn use_and_drop(bench: &Bench, idle: &Idle, secret: Secret, private_key: bool) -> Result<(), Failed> {
    let key = if private_key { SigningKey::from_pem(&secret)? } else { SigningKey::hmac_sha256(&secret)? };
    let with = Credentials::new(Secret::new("key-of-the-suite"), key)?;
    let source = account(bench, &idle.simulator, with, bench.order_entry())?;
    for (_, action) in actions(&idle.instruments[0])? {
        source.render(&action, None).await?;
    }
    // The exchange knows no such key.
    expect(source.balances().await.is_err(), "refused credentials", "balances")?;
    source.close().await;
    Ok(())
}

/// The veiled mark of this run.
fn mark(bench: &Bench, private_key: bool) -> [u8; MARK] {
    let (wire, kind) = (bench.order_entry() as usize, usize::from(private_key));
    std::array::from_fn(|at| (b'a' + ((at * 7 + kind * 11 + wire * 5 + at * at) % 26) as u8) ^ VEIL)
}

/// A mark as a shared secret, and the bytes, veiled, that are to be looked for.
fn shared_secret(mark: &[u8; MARK]) -> (Secret, Vec<Vec<u8>>) {
    let mut text = String::with_capacity(MARK);
    text.extend(mark.iter().map(|byte| char::from(byte ^ VEIL)));
    (Secret::new(text), vec![mark.to_vec()])
}

/// A private key whose seed is the mark, and what is to be looked for: the seed itself, and its text in the PEM.
fn pem(mark: &[u8; MARK]) -> (Secret, Vec<Vec<u8>>) {
    let mut der = Zeroizing::new([0; HEAD.len() + MARK]);
    der[..HEAD.len()].copy_from_slice(&HEAD);
    der[HEAD.len()..].iter_mut().zip(mark).for_each(|(byte, veiled)| *byte = veiled ^ VEIL);
    let mut encoded = Zeroizing::new([0; (HEAD.len() + MARK) / 3 * 4]);
    let mut text = String::with_capacity(256);
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    // The buffer is exactly as long as the text.
    let length = STANDARD.encode_slice(&der[..], &mut encoded[..]).unwrap_or_default();
    text.extend(encoded[..length].iter().map(|byte| char::from(*byte)));
    text.push_str("\n-----END PRIVATE KEY-----\n");
    let of_the_seed = encoded[24..length].iter().map(|byte| byte ^ VEIL).collect();
    (Secret::new(text), vec![mark.to_vec(), of_the_seed])
}

/// How often one of these, unveiled, stands in this process's memory.
fn count(veiled: &[Vec<u8>]) -> Result<usize, Failed> {
    let failed = |error: std::io::Error| Failed::new("memory that can be read", error);
    let mut memory = File::open(MEMORY).map_err(failed)?;
    let mut buffer = Zeroizing::new(vec![0; CHUNK + MARK * 2]);
    let own = buffer.as_ptr().addr()..buffer.as_ptr().addr() + buffer.len();
    let mut found = 0;
    for region in regions().map_err(failed)? {
        for part in [region.start..region.end.min(own.start), region.start.max(own.end)..region.end] {
            for at in part.clone().step_by(CHUNK) {
                let end = part.end.min(at + CHUNK + MARK * 2);
                // What was unmapped meanwhile cannot be read, and holds nothing.
                if memory.seek(SeekFrom::Start(at as u64)).is_ok() {
                    let length = memory.read(&mut buffer[..end - at]).unwrap_or_default();
                    found += veiled.iter().map(|mark| occurrences(&buffer[..length], mark)).sum::<usize>();
                }
            }
        }
    }
    buffer.zeroize();
    Ok(found)
}

fn occurrences(memory: &[u8], veiled: &[u8]) -> usize {
    let is_it = |at: &usize| {
        let here = memory.get(*at..*at + veiled.len());
        here.is_some_and(|here| here.iter().zip(veiled).all(|(byte, veiled)| byte ^ VEIL == *veiled))
    };
    memchr::memchr_iter(veiled[0] ^ VEIL, memory).filter(is_it).count()
}

/// Where this process may write.
fn regions() -> std::io::Result<Vec<Range<usize>>> {
    let maps = fs::read_to_string("/proc/self/maps")?;
    let region = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (from, to) = words.next()?.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        words.next()?.starts_with("rw").then_some(address(from)?..address(to)?)
    };
    Ok(maps.lines().filter_map(region).collect())
}
