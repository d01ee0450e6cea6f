//! The socket under a connection, kept to be shut down.
//!
//! The client waits in a thread of its own, and without a limit, for a server that has let it in and then says nothing.
//! Shutting the socket down ends that thread.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A socket that can be shut down from elsewhere, also before it is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Socket(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
enum Held {
    #[default]
    NotYet,
    Open(TcpStream),
    Shut,
}

impl Socket {
    /// Keeps the socket of this stream. An error if it was shut down meanwhile.
    pub fn keep(&self, stream: &impl AsFd) -> io::Result<()> {
        let mut held = self.held();
        if matches!(*held, Held::Shut) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *held = Held::Open(TcpStream::from(stream.as_fd().try_clone_to_owned()?));
        Ok(())
    }

    /// Shuts it down, or sees to it that it never opens.
    pub fn shut(&self) {
        if let Held::Open(stream) = std::mem::replace(&mut *self.held(), Held::Shut) {
            // Who is gone already need not be told.
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shuts the socket down when it is dropped, unless it is finished before.
pub(crate) struct Unfinished(Option<Socket>);

impl Unfinished {
    /// Guards this socket.
    pub fn new(socket: Socket) -> Self {
        Self(Some(socket))
    }

    /// What was begun is done, and the socket stays open.
    pub fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(socket) = &self.0 {
            socket.shut();
        }
    }
}
