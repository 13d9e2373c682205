# shellcheck shell=bash
# Secrets in files, made once and kept: whoever may read the folder may be anybody. Sourced after
# common.sh.
#
#     keep_secret FILE COMMAND...  what the command prints becomes the file, unless it is there
#     random_key                   64 hex digits: a service's SECRET_KEY, a password for programs
#     random_password              one that a person can read and type

# The file gets its name last: one that is there is whole. True only if it was made now.
keep_secret() {
    local file=$1
    shift
    [ ! -s "$file" ] || return 1
    (umask 077 && mkdir -p "${file%/*}" && "$@" >"$file.new") || fail "cannot write $file"
    mv -f "$file.new" "$file"
}

random_key() {
    od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Twenty of 31 characters, none like another one: 99 bits.
random_password() {
    local text=''
    while [ "${#text}" -lt 20 ]; do
        text+=$(head -c 64 /dev/urandom | LC_ALL=C tr -dc 'abcdefghijkmnpqrstuvwxyz23456789')
    done
    fold -w 5 <<<"${text:0:20}" | paste -sd -
}
