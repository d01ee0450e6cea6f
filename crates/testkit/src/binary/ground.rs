//! What a fleet stands on: files of its own, or a database of its own on a server and names of its own on a broker.

use std::path::Path;
use std::process::Command;

use engine::{Ids, SystemIds};
use tokio_postgres::{Client, NoTls};

/// An engine to stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite and the embedded broker.
    Embedded,
    /// PostgreSQL and Kafka.
    Kafka,
    /// PostgreSQL and RabbitMQ.
    RabbitMq,
}

/// What one fleet stands on.
pub struct Ground {
    engine: Engine,
    /// Names the database and what is on the broker.
    name: String,
}

impl Ground {
    /// Ground that nobody else stands on. The servers are those of `scripts/services`, which the environment names.
    pub async fn new(engine: Engine) -> Self {
        let ground = Self { engine, name: format!("ordo_{}", SystemIds.next().simple()) };
        if engine != Engine::Embedded {
            ground.server(&format!("CREATE DATABASE {}", ground.name)).await;
        }
        ground
    }

    /// Takes away what was made on servers. What is on a broker goes with the servers' data.
    pub async fn clear(self) {
        if self.engine != Engine::Embedded {
            self.server(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
        }
    }

    /// Points a process of the shop at it. `directory` is the fleet's.
    pub fn point(&self, command: &mut Command, directory: &Path) {
        if self.engine == Engine::Embedded {
            let shop = directory.join("shop");
            command.env("ORDO_DATABASE_URL", format!("sqlite:{}", shop.display()));
            return;
        }
        command
            .env("ORDO_DATABASE_URL", self.database_url())
            .env("ORDO_BROKER_URL", self.broker_url())
            .env("ORDO_BROKER_PREFIX", format!("{}.", self.name));
    }

    /// The broker's address.
    pub fn broker_url(&self) -> String {
        match self.engine {
            Engine::Embedded => "embedded:".to_owned(),
            Engine::Kafka => variable("ORDO_TEST_KAFKA_URL"),
            Engine::RabbitMq => variable("ORDO_TEST_RABBITMQ_URL"),
        }
    }

    /// What the names on the broker begin with.
    pub fn prefix(&self) -> String {
        format!("{}.", self.name)
    }

    /// The address of the database, where it is on a server.
    pub fn database_url(&self) -> String {
        let url = variable("ORDO_TEST_POSTGRES_URL");
        let (server, _) = url.rsplit_once('/').expect("a database in ORDO_TEST_POSTGRES_URL");
        format!("{server}/{}", self.name)
    }

    async fn server(&self, statement: &str) {
        let url = variable("ORDO_TEST_POSTGRES_URL");
        let (client, connection): (Client, _) =
            tokio_postgres::connect(&url, NoTls).await.expect("PostgreSQL");
        let work = async { client.batch_execute(statement).await.expect("a statement") };
        tokio::select! {
            () = work => {}
            ended = connection => panic!("the connection ended: {ended:?}"),
        }
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: see scripts/services"))
}
