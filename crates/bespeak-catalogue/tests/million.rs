//! Goods without end, read in little memory. In a process of its own, so that the memory is its own.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{self, Read};
use std::time::Instant;

use bespeak_catalogue::import::{Format, ImportDefaults, read};
use bespeak_model::money::Currency;
use bespeak_model::time::Time;

/// How many: a million where the code is optimised.
const GOODS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
/// What may be held for each, and besides, in bytes. Source: the table of numbers while it grows, 72 bytes
/// each at most, and what a process takes for buffers and for freeing late; a line has about 400.
const EACH: u64 = 72;
const BESIDES: u64 = 16 * 1024 * 1024;

/// A feed made while it is read.
struct Made {
    next: u64,
    line: Vec<u8>,
    at: usize,
}

impl Read for Made {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            if self.next == GOODS {
                return Ok(0);
            }
            let number = self.next;
            let words = "made to be read once and not kept, ".repeat(6);
            self.line = format!(
                "{{\"sku\":\"ARTICLE-{number:09}\",\"title\":\"Chair number {number}\",\"price\":\"{}.99 EUR\",\
                 \"description\":\"{words}\",\"attributes\":{{\"colour\":\"red\",\"weight\":\"{} kg\"}}}}\n",
                number % 500,
                number % 40
            )
            .into_bytes();
            (self.next, self.at) = (number + 1, 0);
        }
        let length = self.line.get(self.at..).unwrap_or_default().read(into)?;
        self.at += length;
        Ok(length)
    }
}

/// The most memory this process has had, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[test]
fn a_million_goods_are_read_in_bounded_memory() {
    let defaults = ImportDefaults { currency: Currency::EUR, now: Time::EPOCH };
    let (before, start) = (peak(), Instant::now());
    let made = Made { next: 0, line: Vec::new(), at: 0 };
    let report = read(made, Format::Auto, &defaults, drop).unwrap();
    assert_eq!((report.read, report.skipped_count, report.seen.len()), (GOODS, 0, GOODS as usize));
    println!("{GOODS} goods in {:?}", start.elapsed());
    let (Some(before), Some(after)) = (before, peak()) else {
        println!("skipped: this system does not tell how much memory a process has");
        return;
    };
    let held = after - before;
    println!("{} MiB held, {} bytes each", held >> 20, held / GOODS);
    assert!(held <= GOODS * EACH + BESIDES, "{held} bytes");
}
