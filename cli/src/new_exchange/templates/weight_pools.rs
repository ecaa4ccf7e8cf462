    PoolSpec {
        unit: Unit::Weight,
        limit: 100,
        window: Window::Fixed(Duration::from_secs(60)),
        scope: Scope::Address,
        cancels: true,
    },
    PoolSpec {
        unit: Unit::Orders,
        limit: 10,
        window: Window::Fixed(Duration::from_secs(10)),
        scope: Scope::Account,
        cancels: false,
    },
