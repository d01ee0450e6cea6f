# shellcheck shell=bash disable=SC2034
# RabbitMQ, without plugins. Its node listens one port further, and epmd, which knows where, two ports further.
rabbitmq_port=${ORDO_RABBITMQ_PORT:-15682}
rabbitmq_url=amqp://guest:guest@127.0.0.1:$rabbitmq_port/%2f
# The protocol's header, to which the answer is a frame of the type METHOD.
rabbitmq_hello='AMQP\0\0\x09\1'
rabbitmq_welcome=$'\1'
rabbitmq_process=beam.smp
rabbitmq_stop_signal=TERM
# What newer versions than Debian's have as their default, 16 MiB.
rabbitmq_options="-rabbit max_message_size 16777216"

# Not those in /usr/sbin, which change the user and drop the environment.
rabbitmq_bin() {
    ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin 2>/dev/null | sort -V | tail -n 1
}

rabbitmq_absent() {
    [[ -n $(rabbitmq_bin) ]] || echo rabbitmq-server
}

rabbitmq_launch() {
    local bin data=$root/rabbitmq
    bin=$(rabbitmq_bin)
    mkdir -p "$data"/{home,mnesia,log,epmd}
    : >"$data/rabbitmq-env.conf"
    echo '[].' >"$data/enabled_plugins"
    cat >"$data/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$rabbitmq_port
disk_free_limit.absolute = 50MB
log.file.level = warning
CONF
    export ERL_EPMD_PORT=$((rabbitmq_port + 2)) ERL_EPMD_ADDRESS=127.0.0.1
    # Started here, since the one that Erlang would start by itself has an id that nobody knows.
    is_process "$(launched rabbitmq/epmd)" epmd || launch "$data/epmd" epmd
    # Its cookie is made at home.
    export HOME=$data/home RABBITMQ_NODENAME=ordo@localhost RABBITMQ_DIST_PORT=$((rabbitmq_port + 1))
    export RABBITMQ_MNESIA_BASE=$data/mnesia RABBITMQ_LOG_BASE=$data/log RABBITMQ_PID_FILE=$data/node.pid
    export RABBITMQ_CONFIG_FILE=$data/rabbitmq.conf RABBITMQ_CONF_ENV_FILE=$data/rabbitmq-env.conf
    export RABBITMQ_ENABLED_PLUGINS_FILE=$data/enabled_plugins
    # One scheduler that does not spin: the machine is for the tests.
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1} $rabbitmq_options"
    # Then its script becomes the server, instead of having it as a child.
    export RUNNING_UNDER_SYSTEMD=true
    launch "$data" "$bin/rabbitmq-server"
}

rabbitmq_pid() {
    launched rabbitmq
}

rabbitmq_after() {
    local pid
    pid=$(launched rabbitmq/epmd) && is_process "$pid" epmd || return 0
    kill -s TERM "$pid"
    gone 60 "$pid"
}

rabbitmq_container() {
    container rabbitmq 5672 /var/lib/rabbitmq --env RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$rabbitmq_options" rabbitmq:3.13
}
