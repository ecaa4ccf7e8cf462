    PoolSpec {
        unit: Unit::Requests,
        limit: 50,
        window: Window::Fixed(Duration::from_secs(5)),
        scope: Scope::Address,
        cancels: true,
    },
    PoolSpec {
        unit: Unit::Orders,
        limit: 5,
        window: Window::Fixed(Duration::from_secs(1)),
        scope: Scope::Account,
        cancels: false,
    },
