# shellcheck shell=bash disable=SC2034
# Kafka: one node that is broker and controller, without topics of its own making. Two ports further than its own it has a
# second listener, for tests of what lies between: it says that it is to be found three ports further, where a test puts a
# proxy. That one comes and goes, so it is an odd port: Linux gives outgoing connections even ones.
kafka_port=${ORDO_KAFKA_PORT:-19092}
kafka_url=kafka://127.0.0.1:$kafka_port
# A request for the versions of its requests.
kafka_hello='\0\0\0\x0a\0\x12\0\0\0\0\0\1\xff\xff'
kafka_welcome='?'
kafka_process=java
kafka_stop_signal=TERM
kafka_jars=$root/kafka-jars

# Its settings, for the address that it listens on and the directory of its data.
kafka_settings() {
    local controller=$((kafka_port + 1)) proxied=$((kafka_port + 2)) proxy=$((kafka_port + 3))
    cat <<SETTINGS
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://$1:$kafka_port,PROXIED://$1:$proxied,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$kafka_port,PROXIED://127.0.0.1:$proxy
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller
log.dirs=$2
auto.create.topics.enable=false
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
SETTINGS
}

kafka_absent() {
    command -v java >/dev/null || echo default-jre-headless
    kafka_is_fetched || command -v mvn >/dev/null || echo maven
}

kafka_is_fetched() {
    cmp -s "$parts/kafka-pom.xml" "$kafka_jars/pom.xml"
}

# Beside its data, so that they can be thrown away apart. What asked for them comes last: it says that all are there.
kafka_fetch() {
    rm -rf "$kafka_jars"
    mkdir "$kafka_jars"
    mvn --quiet --batch-mode --strict-checksums --file "$parts/kafka-pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$kafka_jars" >"$root/kafka-maven.log" 2>&1 ||
        { cat "$root/kafka-maven.log" >&2; fail "Maven could not fetch Kafka"; }
    cp "$parts/kafka-pom.xml" "$kafka_jars/pom.xml"
}

kafka_launch() {
    local directory=$root/kafka
    local java=(java -XX:+UseSerialGC -XX:-UsePerfData -cp "$kafka_jars/*"
        "-Dlog4j2.configurationFile=$directory/log4j2.properties")
    kafka_is_fetched || kafka_fetch
    kafka_settings 127.0.0.1 "$directory/data" >"$directory/server.properties"
    # Without this it says nothing, not even why it does not start.
    cat >"$directory/log4j2.properties" <<LOGGING
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
LOGGING
    [[ -e $directory/data/meta.properties ]] ||
        "${java[@]}" -Xmx128m kafka.tools.StorageTool format --ignore-formatted --cluster-id ordo-private-cluster-A \
            --config "$directory/server.properties" >"$root/kafka-format.log" 2>&1 ||
        { cat "$root/kafka-format.log" >&2; fail "no place for Kafka's data could be made"; }
    launch "$directory" "${java[@]}" -Xmx512m kafka.Kafka "$directory/server.properties"
}

kafka_pid() {
    launched kafka
}

# The image takes each setting as a variable.
kafka_container() {
    local line key options=(--env KAFKA_HEAP_OPTS=-Xmx512m)
    while IFS= read -r line; do
        key=$(tr '.a-z' '_A-Z' <<<"${line%%=*}")
        options+=(--env "KAFKA_$key=${line#*=}")
    done < <(kafka_settings 0.0.0.0 /var/lib/kafka/data)
    container kafka "$kafka_port" /var/lib/kafka/data --publish "127.0.0.1:$((kafka_port + 2)):$((kafka_port + 2))" \
        "${options[@]}" apache/kafka:4.1.1
}
