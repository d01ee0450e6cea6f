# shellcheck shell=bash disable=SC2034
# Redis, as a cache: it forgets the least used when it is full, and everything when it ends.
redis_port=${ORDO_REDIS_PORT:-16379}
redis_url=redis://127.0.0.1:$redis_port
redis_hello='PING\r\n'
redis_welcome='+'
redis_process=redis-server
redis_stop_signal=TERM
redis_options=(--save "" --appendonly no --maxmemory 64mb --maxmemory-policy allkeys-lru)

redis_absent() {
    command -v redis-server >/dev/null || echo redis-server
}

redis_launch() {
    launch "$root/redis" redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$root/redis" --daemonize no "${redis_options[@]}"
}

redis_pid() {
    launched redis
}

redis_container() {
    container redis 6379 /data redis:7 redis-server "${redis_options[@]}"
}
