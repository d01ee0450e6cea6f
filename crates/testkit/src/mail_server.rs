//! A mail server on loopback that does what a test wants, connection by connection, and remembers what it heard.
//!
//! It speaks as much SMTP as a client needs (RFC 5321), and none of TLS.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::patience::within;

/// What the server does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It takes the mail.
    Takes,
    /// It says hello with this code and no more.
    Greets(u16),
    /// It answers the recipient with this code.
    Recipient(u16),
    /// It hears the text, and answers it with this code.
    Text(u16),
    /// It hangs up when the text is to come.
    CutsBefore,
    /// It hears the text and hangs up.
    CutsBehind,
    /// It hears the text and says nothing for ever.
    Silent,
    /// It hears the text and takes the mail when it is told to go on.
    Slow,
}

/// A mail as the server heard it, whatever it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// Headers and text.
    pub data: String,
}

/// The server.
pub struct MailServer {
    address: SocketAddr,
    moods: Arc<Mutex<VecDeque<Mood>>>,
    heard: watch::Receiver<Vec<Heard>>,
    on: Arc<Notify>,
    /// Ends with the server, and all connections with it.
    _work: JoinSet<()>,
}

impl MailServer {
    /// A server at a port of its own. It has these moods, one for each connection, and then takes everything.
    pub async fn start(moods: &[Mood]) -> Self {
        let place = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = place.local_addr().expect("an address");
        let (said, heard) = watch::channel(Vec::new());
        let moods = Arc::new(Mutex::new(moods.iter().copied().collect()));
        let (mut work, on) = (JoinSet::new(), Arc::new(Notify::new()));
        work.spawn(serve(place, Arc::clone(&moods), said, Arc::clone(&on)));
        Self { address, moods, heard, on, _work: work }
    }

    /// Its URL, for settings.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Its moods from now on.
    pub fn turns(&self, moods: &[Mood]) {
        *self.moods.lock().unwrap() = moods.iter().copied().collect();
    }

    /// All whose text it heard.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// Lets those that were heard slowly go on.
    pub fn goes_on(&self) {
        self.on.notify_waiters();
    }

    /// Waits until it has heard so many texts.
    pub async fn has_heard(&self, count: usize) {
        let mut heard = self.heard.clone();
        let has = heard.wait_for(|heard| heard.len() >= count);
        within(&format!("the mail server hears {count} mails"), has).await.expect("it serves");
    }
}

async fn serve(
    place: TcpListener,
    moods: Arc<Mutex<VecDeque<Mood>>>,
    said: watch::Sender<Vec<Heard>>,
    on: Arc<Notify>,
) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = place.accept().await {
        let mood = moods.lock().unwrap().pop_front().unwrap_or(Mood::Takes);
        let (said, on) = (said.clone(), Arc::clone(&on));
        // Who hangs up in the middle is not waited for.
        open.spawn(async move { Talk::new(stream).run(mood, &said, &on).await.unwrap_or_default() });
    }
}

struct Talk {
    lines: BufReader<OwnedReadHalf>,
    out: OwnedWriteHalf,
}

impl Talk {
    fn new(stream: TcpStream) -> Self {
        let (read, out) = stream.into_split();
        Self { lines: BufReader::new(read), out }
    }

    /// None: the client hung up.
    async fn run(mut self, mood: Mood, said: &watch::Sender<Vec<Heard>>, on: &Notify) -> Option<()> {
        if let Mood::Greets(code) = mood {
            return self.say(&format!("{code} not today")).await;
        }
        self.say("220 test").await?;
        let mut heard = Heard::default();
        loop {
            let line = self.line().await?;
            let (verb, rest) = line.split_at(line.len().min(4));
            match &*verb.to_ascii_uppercase() {
                "EHLO" => self.say("250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
                "AUTH" => self.say("235 welcome").await?,
                "MAIL" => {
                    heard.from = address(rest);
                    self.say("250 so be it").await?;
                }
                "RCPT" => {
                    heard.to = address(rest);
                    let code = if let Mood::Recipient(code) = mood { code } else { 250 };
                    self.say(&format!("{code} as I like")).await?;
                }
                "DATA" if mood == Mood::CutsBefore => return None,
                "DATA" => {
                    self.say("354 go on").await?;
                    heard.data = self.text().await?;
                    // Who lets it go on has heard of it before.
                    let on = on.notified();
                    tokio::pin!(on);
                    on.as_mut().enable();
                    said.send_modify(|all| all.push(heard.clone()));
                    match mood {
                        Mood::Slow => {
                            on.await;
                            self.say("250 taken").await?;
                        }
                        Mood::CutsBehind => return None,
                        Mood::Silent => std::future::pending().await,
                        Mood::Text(code) => self.say(&format!("{code} as I like")).await?,
                        _ => self.say("250 taken").await?,
                    }
                }
                "QUIT" => return self.say("221 goodbye").await,
                _ => self.say("502 what?").await?,
            }
        }
    }

    async fn say(&mut self, line: &str) -> Option<()> {
        self.out.write_all(format!("{line}\r\n").as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).await.ok()?;
        (length > 0).then(|| line.trim_end().to_owned())
    }

    /// All up to the line with a dot alone.
    async fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Some(text);
            }
            text += line.strip_prefix('.').unwrap_or(&line);
            text += "\n";
        }
    }
}

/// What stands between angle brackets.
fn address(text: &str) -> String {
    let inner = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(address, _)| address.to_owned()).unwrap_or_default()
}
