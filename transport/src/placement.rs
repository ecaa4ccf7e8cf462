/// The most topics that one socket carries: a drop then touches few books.
pub const STREAMS_PER_SOCKET: usize = 200;

/// Which socket carries what: new topics go to the least loaded socket that has room, else to a new one. Pure.
#[derive(Clone, Debug)]
pub struct Placement {
    room: usize,
    loads: Vec<usize>,
}

impl Placement {
    /// Sockets with room for this many topics each, at least one.
    pub fn new(room: usize) -> Self {
        Self { room: room.max(1), loads: Vec::new() }
    }

    /// The socket for `topics` that belong together, by its index. An index that was not there before is a new socket.
    /// More topics than a socket has room for get one of their own.
    pub fn place(&mut self, topics: usize) -> usize {
        let with_room = |load: usize| load == 0 || load.saturating_add(topics) <= self.room;
        let candidates = self.loads.iter().enumerate().filter(|(_, load)| with_room(**load));
        let index = candidates.min_by_key(|(_, load)| **load).map_or(self.loads.len(), |(index, _)| index);
        if index == self.loads.len() {
            self.loads.push(0);
        }
        self.loads[index] += topics;
        index
    }

    /// Frees the room of `topics` on a socket.
    pub fn free(&mut self, socket: usize, topics: usize) {
        if let Some(load) = self.loads.get_mut(socket) {
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
        assert_eq!([2, 2, 2, 2, 1].map(|topics| placement.place(topics)), [0, 0, 1, 1, 2]);
        placement.free(0, 4);
        assert_eq!(placement.place(2), 0, "the least loaded");
        assert_eq!(placement.place(9), 3, "a socket of its own");
        assert_eq!(placement.place(3), 2);
    }
}
