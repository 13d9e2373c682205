#!/bin/bash
# A container's health check: whether /readyz of the gateway here is 200. Its image has no curl.
port=${ADMIN_PORT:-0}
[ "$port" != 0 ] || port=${GATEWAY_PORT:-8080}
exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r _ code _ <&3
[ "$code" = 200 ]
