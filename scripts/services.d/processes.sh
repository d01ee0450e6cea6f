# shellcheck shell=bash
# The servers as processes of this machine. What each of them keeps is in $root/NAME.

# Installs what is absent, all of it in one go.
prepare() {
    local name absent=()
    for name in "$@"; do
        # shellcheck disable=SC2207
        absent+=($("${name}_absent"))
    done
    ((${#absent[@]})) || return 0
    install "${absent[@]}"
}

# Starts a process that outlives this script. Its id is in DIRECTORY/pid, and what it says in DIRECTORY/server.log.
launch() {
    local directory=$1
    shift
    setsid "$@" >>"$directory/server.log" 2>&1 </dev/null &
    echo $! >"$directory/pid"
}

# The id of a process that was started so.
launched() {
    cat "$root/$1/pid" 2>/dev/null
}

# What it said last.
said() {
    tail -n 20 "$root/$1/server.log"
}

# Whether a process lives under this id. A dead one that nobody has buried does not count.
lives() {
    [[ $(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) == [!ZX]* ]]
}

# Whether that is a process of this name: an id may be somebody else's by now.
is_process() {
    lives "$1" && [[ $(cat "/proc/$1/comm" 2>/dev/null) == "$2" ]]
}

# Whether the server runs.
is_alive() {
    local pid
    pid=$("$1_pid") && is_process "$pid" "$(of "$1" process)"
}

# Whether what was just started is there, even if it is not called like the server yet.
is_there() {
    lives "$("$1_pid")"
}

start() {
    local port
    port=$(of "$1" port)
    ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null ||
        fail "somebody else listens at 127.0.0.1:$port; say ORDO_$(tr '[:lower:]' '[:upper:]' <<<"$1")_PORT=PORT"
    mkdir -p "$root/$1"
    "$1_launch"
}

# A process, and all that come from it.
family() {
    local child
    echo "$1"
    for child in $(cat "/proc/$1/task"/*/children 2>/dev/null); do family "$child"; done
}

# Waits until none of these processes lives.
gone() {
    local pid end=$((SECONDS + $1))
    shift
    for pid in "$@"; do
        while lives "$pid"; do
            ((SECONDS < end)) || return 1
            sleep 0.1
        done
    done
}

stop() {
    local family
    if is_alive "$1"; then
        # shellcheck disable=SC2207
        family=($(family "$("$1_pid")"))
        kill -s "$(of "$1" stop_signal)" "${family[0]}"
        gone 60 "${family[@]}" || { echo "services: $1 does not stop and is killed" >&2; shoot "$1"; }
    fi
    after "$1"
}

shoot() {
    local family
    if is_alive "$1"; then
        # shellcheck disable=SC2207
        family=($(family "$("$1_pid")"))
        kill -s KILL "${family[@]}" 2>/dev/null || true
        gone 60 "${family[@]}" || fail "$1 survives SIGKILL"
    fi
    after "$1"
}

after() {
    ! declare -F "$1_after" >/dev/null || "$1_after"
}
