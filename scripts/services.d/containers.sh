# shellcheck shell=bash
# The servers as containers: ordo-NAME, published on loopback alone, with their data in the volume ordo-NAME.

# The engine fetches what is absent.
prepare() {
    :
}

# Starts a container: NAME, its port inside, where it keeps its data, and then what docker run takes.
container() {
    local name=$1 inside=$2 data=$3
    shift 3
    docker run --detach --name "ordo-$name" --hostname "ordo-$name" \
        --publish "127.0.0.1:$(of "$name" port):$inside" --volume "ordo-$name:$data" "$@" >/dev/null
}

is_alive() {
    [[ $(docker container inspect --format '{{.State.Running}}' "ordo-$1" 2>/dev/null) == true ]]
}

is_there() {
    is_alive "$1"
}

said() {
    docker logs --tail 20 "ordo-$1" 2>&1
}

start() {
    docker rm --force "ordo-$1" >/dev/null 2>&1 || true
    "$1_container"
}

stop() {
    ! is_alive "$1" || docker stop -t 60 "ordo-$1" >/dev/null
    docker rm --force "ordo-$1" >/dev/null 2>&1 || true
}

shoot() {
    ! is_alive "$1" || docker kill "ordo-$1" >/dev/null
}
