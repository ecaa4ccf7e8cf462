/// The most topics that one socket carries: a drop then touches few books.
pub const STREAMS_PER_SOCKET: usize = 200;

/// One of the addresses that an exchange's market streams come from. Most exchanges have one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(pub u8);

impl Route {
    /// The one that carries books, and everything where there is no other.
    pub const BOOKS: Self = Self(0);
}

/// Which socket carries what: new topics go to the least loaded socket of their route that has room, else to a new one. Pure.
#[derive(Clone, Debug)]
pub struct Placement {
    room: usize,
    loads: Vec<(Route, usize)>,
}

impl Placement {
    /// Sockets with room for this many topics each, at least one.
    pub fn new(room: usize) -> Self {
        Self { room: room.max(1), loads: Vec::new() }
    }

    /// The socket for `topics` of a route that belong together, by its index. An index that was not there before is a new
    /// socket. More topics than a socket has room for get one of their own.
    pub fn place(&mut self, route: Route, topics: usize) -> usize {
        let with_room = |load: usize| load == 0 || load.saturating_add(topics) <= self.room;
        let candidates = self.loads.iter().enumerate().filter(|(_, (of, load))| *of == route && with_room(*load));
        let index = candidates.min_by_key(|(_, (_, load))| *load).map_or(self.loads.len(), |(index, _)| index);
        if index == self.loads.len() {
            self.loads.push((route, 0));
        }
        self.loads[index].1 += topics;
        index
    }

    /// Frees the room of `topics` on a socket.
    pub fn free(&mut self, socket: usize, topics: usize) {
        if let Some((_, load)) = self.loads.get_mut(socket) {
            *load = load.saturating_sub(topics);
        }
    }
}

impl Default for Placement {
    /// Sockets of [`STREAMS_PER_SOCKET`] topics.
    fn default() -> Self {
        Self::new(STREAMS_PER_SOCKET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_go_where_room_is() {
        let mut placement = Placement::new(4);
        let mut place = |topics| placement.place(Route(0), topics);
        assert_eq!([2, 2, 2, 2, 1].map(&mut place), [0, 0, 1, 1, 2]);
        placement.free(0, 4);
        let mut place = |topics| placement.place(Route(0), topics);
        assert_eq!(place(2), 0, "the least loaded");
        assert_eq!(place(9), 3, "a socket of its own");
        assert_eq!(place(3), 2);
    }

    #[test]
    fn a_socket_carries_one_route() {
        let mut placement = Placement::new(4);
        let places = [(0, 1), (1, 1), (0, 1), (1, 1)].map(|(route, topics)| placement.place(Route(route), topics));
        assert_eq!(places, [0, 1, 0, 1]);
    }
}
