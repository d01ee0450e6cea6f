//! nginx with the configuration that `docs/examples` has for operators.

use std::process::{Child, Command};

use testkit::binary::{Client, free_port};

const EXAMPLE: &str = include_str!("../../../../docs/examples/nginx.conf");
/// The ports in it: of the instances, and its own.
const INSTANCES: [&str; 3] = ["127.0.0.1:8000", "127.0.0.1:8100", "127.0.0.1:8200"];
const OWN: &str = "listen 80;";

/// A running nginx. Dropped, it is killed.
pub struct Nginx {
    child: Child,
    port: u16,
    /// Has its files, as long as it runs.
    _directory: tempfile::TempDir,
}

impl Nginx {
    /// Before the instances at these ports, once it answers for them.
    pub async fn before(instances: [u16; 3]) -> Self {
        let (directory, port) = (tempfile::tempdir().unwrap(), free_port());
        let place = directory.path().display();
        std::fs::write(directory.path().join("ordo.conf"), substituted(instances, port)).unwrap();
        std::fs::write(directory.path().join("nginx.conf"), main(&place.to_string())).unwrap();
        let program = std::env::var_os("ORDO_TEST_NGINX").unwrap_or_else(|| "nginx".into());
        let mut command = Command::new(program);
        command.arg("-e").arg(directory.path().join("error.log"));
        command.arg("-p").arg(directory.path()).args(["-c", "nginx.conf"]);
        let child = command.spawn().expect("nginx: see scripts/services");
        let nginx = Self { child, port, _directory: directory };
        let client = Client::new(nginx.url());
        let answers = async || client.get("/health/live").await.filter(|(status, _)| *status == 200);
        client.until("nginx answers", answers).await;
        nginx
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example with these ports.
fn substituted(instances: [u16; 3], port: u16) -> String {
    let mut conf = EXAMPLE.to_owned();
    for (written, port) in INSTANCES.into_iter().zip(instances) {
        conf = replaced(&conf, written, &format!("127.0.0.1:{port}"));
    }
    replaced(&conf, OWN, &format!("listen 127.0.0.1:{port};"))
}

fn replaced(conf: &str, written: &str, wanted: &str) -> String {
    assert_eq!(conf.matches(written).count(), 1, "the example has {written} once");
    conf.replace(written, wanted)
}

/// What includes it: one process, with all of its files in one place.
fn main(place: &str) -> String {
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = paths.map(|path| format!("{path}_temp_path {place}/{path};\n")).concat();
    format!(
        "daemon off;\nmaster_process off;\npid {place}/pid;\nevents {{}}\n\
         http {{\naccess_log off;\n{paths}include {place}/ordo.conf;\n}}\n"
    )
}
