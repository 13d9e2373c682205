#!/bin/bash
# A container's health check: whether /readyz of the gateway here is 200. Its image has no curl.
exec 3<>"/dev/tcp/127.0.0.1/${ADMIN_PORT:-$GATEWAY_PORT}" || exit 1
printf 'GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r _ code _ <&3
[ "$code" = 200 ]
