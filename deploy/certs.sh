#!/usr/bin/env bash
# `make certs`: a development certificate authority, and a certificate signed by it for every program:
# certs.sh FOLDER [PROGRAM...], by default for the gateway, every service, and `client` (depotctl); `db`
# is a database server.
#
#     FOLDER/ca.pem            who may be at the other end
#     FOLDER/PROGRAM.pem       the program's certificate and its key
#     FOLDER.authority/key.pem the authority's own key: whoever has it can be everybody. It is needed
#                              here only, hence apart from what goes to the machines.
#
# Run again, it makes what is missing and renews what has less than a month left. The authority is
# never replaced: all that it has signed would be void.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
umask 077

AUTHORITY_DAYS=3650
DAYS=825      # what browsers and other systems take at most
RENEW_DAYS=30 # with less than this left a certificate is made anew

FOLDER=$(absolute "${1:?certs.sh FOLDER [PROGRAM...]}")
shift
CA=$FOLDER/ca.pem
CA_KEY=$FOLDER.authority/key.pem

# quietly COMMAND...: what openssl has to say is of interest only after a failure.
quietly() {
    local said
    said=$("$@" 2>&1) || fail "${*:1:2} failed: $said"
}

# lasts FILE DAYS: whether the certificate is still good then.
lasts() {
    openssl x509 -noout -checkend $(($2 * 86400)) -in "$1" >/dev/null 2>&1
}

make_authority() {
    mkdir -p "$FOLDER" "$FOLDER.authority"
    quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout "$CA_KEY" -out "$CA" -days "$AUTHORITY_DAYS" \
        -subj "/O=Depot/CN=Depot development CA $(date -u +%FT%TZ)" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
        -addext keyUsage=critical,keyCertSign,cRLSign
    say "made an authority, $CA; its key is $CA_KEY"
}

check_authority() {
    [ -f "$CA" ] || [ -e "$CA_KEY" ] || make_authority
    [ -f "$CA" ] || fail "$CA_KEY is there, but $CA is not: put it back, or move" \
        "${CA_KEY%/*} away, too, for a new authority"
    lasts "$CA" "$RENEW_DAYS" || fail "the authority $CA is good for less than $RENEW_DAYS days: move" \
        "$FOLDER and ${CA_KEY%/*} away for a new one (docs/runbook.md, \"A new authority\")"
}

# What a program's certificate is good for. Only who is called by others has names; who calls is
# never taken for one of them.
extensions() {
    echo "basicConstraints=critical,CA:FALSE"
    echo "keyUsage=critical,digitalSignature"
    case $1 in
    gateway | client)
        echo "extendedKeyUsage=clientAuth"
        echo "subjectAltName=DNS:$1"
        ;;
    *)
        [ "$1" = db ] && echo "extendedKeyUsage=serverAuth" || echo "extendedKeyUsage=serverAuth,clientAuth"
        echo "subjectAltName=DNS:$1,DNS:localhost,IP:127.0.0.1,IP:::1"
        ;;
    esac
}

# Whether the program's file holds a certificate of this authority that lasts, and its own key.
is_good() {
    local file=$FOLDER/$1.pem
    [ -f "$file" ] && lasts "$file" "$RENEW_DAYS" &&
        openssl verify -CAfile "$CA" "$file" >/dev/null 2>&1 &&
        openssl x509 -noout -checkhost "$1" -in "$file" 2>/dev/null | grep -q 'does match' &&
        [ "$(openssl x509 -noout -pubkey -in "$file" 2>/dev/null)" = \
            "$(openssl pkey -pubout -in "$file" 2>/dev/null)" ]
}

# A certificate must not outlive who signed it.
days() {
    local end left
    end=$(date -d "$(openssl x509 -noout -enddate -in "$CA" | cut -d= -f2)" +%s)
    left=$(((end - $(date +%s)) / 86400))
    echo $((left < DAYS ? left : DAYS))
}

# The file gets its name last: a program never finds half of one.
make_certificate() {
    local file=$FOLDER/$1.pem work=$FOLDER/.$1
    [ -r "$CA_KEY" ] || fail "$1.pem cannot be made: the authority's key, $CA_KEY, is not here"
    quietly openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -keyout "$work.key" -out "$work.csr" -subj "/O=Depot/CN=$1"
    quietly openssl x509 -req -in "$work.csr" -CA "$CA" -CAkey "$CA_KEY" -out "$work.crt" \
        -set_serial "0x0$(openssl rand -hex 15)" -days "$(days)" -extfile <(extensions "$1")
    cat "$work.crt" "$work.key" >"$work.new"
    mv "$work.new" "$file"
    rm -f "$work.key" "$work.csr" "$work.crt"
    say "made $file"
}

main() {
    local program programs=("$@")
    command -v openssl >/dev/null || fail "openssl is not installed"
    [ "${#programs[@]}" -gt 0 ] || mapfile -t programs < <(echo gateway && services && echo client)
    check_authority
    for program in "${programs[@]}"; do
        is_good "$program" || make_certificate "$program"
    done
}

main "$@"
