//! Applying updates and asking a book, under criterion.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tradewire_benches::{Book, DenseBook, Set, TreeBook, made_set, recorded_sets};
use tradewire_core::{Quantity, Side};
use tradewire_tracking::OrderBook;

fn sets() -> Vec<Set> {
    let mut sets = recorded_sets();
    sets.push(made_set(1, 20_000));
    sets.push(made_set(500, 60_000));
    sets
}

fn apply(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("apply");
    group.sample_size(20);
    for set in &sets() {
        group.throughput(Throughput::Elements(set.changes() as u64));
        let mut bench = |name, run: &mut dyn FnMut(&mut criterion::Bencher<'_>)| {
            group.bench_function(BenchmarkId::new(name, &set.name), |bencher| run(bencher));
        };
        bench("tradewire", &mut |bencher| pass::<OrderBook>(bencher, set));
        bench("dense", &mut |bencher| pass::<DenseBook>(bencher, set));
        bench("tree", &mut |bencher| pass::<TreeBook>(bencher, set));
    }
    group.finish();
}

/// One pass over all messages from freshly loaded books.
fn pass<B: Book>(bencher: &mut criterion::Bencher<'_>, set: &Set) {
    bencher.iter_batched_ref(|| set.books::<B>(), |books| set.apply(books), BatchSize::PerIteration);
}

fn ask(criterion: &mut Criterion) {
    let set = made_set(1, 2_000);
    let mut books: Vec<OrderBook> = set.books();
    set.apply(&mut books);
    let book = &books[0];
    let mut group = criterion.benchmark_group("ask");
    group.bench_function("best", |bencher| bencher.iter(|| black_box(book).best(Side::Buy)));
    group.bench_function("crossed", |bencher| bencher.iter(|| black_box(book).crossed()));
    group.bench_function("mid", |bencher| bencher.iter(|| black_box(book).mid()));
    group.bench_function("top 20", |bencher| bencher.iter(|| black_box(book).top(Side::Sell, 20)));
    for volume in [1_000, 100_000] {
        let quantity = Quantity::from_scaled(volume, 0);
        group.bench_function(BenchmarkId::new("price for volume", volume), |bencher| {
            bencher.iter(|| black_box(book).price_for_volume(Side::Buy, quantity));
        });
        group.bench_function(BenchmarkId::new("vwap", volume), |bencher| {
            bencher.iter(|| black_box(book).vwap(Side::Buy, quantity));
        });
    }
    group.finish();
}

criterion_group!(benches, apply, ask);
criterion_main!(benches);
