# shellcheck shell=bash disable=SC2034
# PostgreSQL, with a database and a superuser named ordo.
postgres_port=${ORDO_POSTGRES_PORT:-15432}
postgres_url=postgres://ordo:ordo@127.0.0.1:$postgres_port/ordo
# A start-up message for that user and database, to which a server that is ready answers with how to authenticate.
postgres_hello='\0\0\0\x21\0\3\0\0user\0ordo\0database\0ordo\0\0'
postgres_welcome=R
postgres_process=postgres
# The fast shutdown: it waits for nobody.
postgres_stop_signal=INT
postgres_options=(-c max_connections=300 -c shared_buffers=256MB -c max_wal_size=4GB -c log_min_messages=warning)

# As the user that Debian made for it: PostgreSQL refuses to run as root.
as_postgres() {
    if ((EUID == 0)); then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

postgres_bin() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [[ -n $found ]] || found=$(dirname "$(command -v initdb || echo /absent/initdb)")
    echo "$found"
}

postgres_absent() {
    [[ -x $(postgres_bin)/initdb ]] || echo postgresql
}

# Makes the cluster aside, so that one that is there is whole.
postgres_create() {
    local bin=$1 data=$root/postgres new=$root/postgres.new
    rm -rf "$new"
    mkdir "$new"
    ((EUID != 0)) || chown postgres "$new"
    as_postgres test -w "$new" || fail "the user postgres cannot reach $new; say ORDO_SERVICES=DIR"
    echo ordo >"$root/password"
    chmod a+r "$root/password"
    {
        as_postgres "$bin/initdb" --pgdata "$new" --username ordo --pwfile "$root/password" --auth scram-sha-256 \
            --encoding UTF8 --locale C.UTF-8 &&
            as_postgres "$bin/postgres" --single -D "$new" postgres <<<'CREATE DATABASE ordo'
    } >"$root/postgres-initdb.log" 2>&1 || { cat "$root/postgres-initdb.log" >&2; fail "no cluster could be made"; }
    rmdir "$data"
    mv "$new" "$data"
}

# A server that was killed and that nobody has buried yet would pass for one that runs.
postgres_forget_the_dead() {
    local pid
    pid=$(postgres_pid) && [[ -e /proc/$pid ]] && ! lives "$pid" || return 0
    rm "$root/postgres/postmaster.pid"
}

postgres_launch() {
    local bin data=$root/postgres
    bin=$(postgres_bin)
    [[ -e $data/PG_VERSION ]] || postgres_create "$bin"
    postgres_forget_the_dead
    as_postgres "$bin/pg_ctl" --pgdata "$data" --log "$data/server.log" --wait --timeout 180 \
        --options "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c port=$postgres_port ${postgres_options[*]}" \
        start >/dev/null || { said postgres >&2; fail "postgres did not start; what it said last is above"; }
}

postgres_pid() {
    head -n 1 "$root/postgres/postmaster.pid" 2>/dev/null
}

postgres_container() {
    container postgres 5432 /var/lib/postgresql/data \
        --env POSTGRES_USER=ordo --env POSTGRES_PASSWORD=ordo --env POSTGRES_DB=ordo \
        postgres:17 postgres "${postgres_options[@]}"
}
