#!/usr/bin/env bash
# Makes build/docs-ui, the folder of the gateway's page /docs: deploy/docs-ui and Swagger UI, from
# the npm package whose version and checksum tests/npm/package-lock.json has. Up to date: nothing
# to do, no network. Every file but the page has its version in its name and a compressed twin.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

OUT=${1:-$ROOT/build/docs-ui}
NPM=$ROOT/tests/npm
OWN=$ROOT/deploy/docs-ui
WORK=

clean_up() {
    [ -z "$WORK" ] || rm -rf "$WORK"
}

# What the folder is made of, in one line.
recipe() {
    cat "$NPM/package-lock.json" "$OWN"/* "$ROOT/deploy/docs-ui.sh" | sha256sum
}

# The whole of tests/npm is not needed for one package: a lock file of that alone is made.
fetch() {
    command -v npm >/dev/null || {
        am_root || sudo -n true 2>/dev/null || fail "npm is missing: install it, or use \`make docs-ui\`"
        "$ROOT/deploy/deps.sh" node
    }
    node - "$NPM/package-lock.json" "$WORK/npm" <<'JS'
const fs = require("fs");
const [file, folder] = process.argv.slice(2);
const lock = JSON.parse(fs.readFileSync(file, "utf8"));
const packages = {};
const take = (name) => {
  const key = `node_modules/${name}`;
  packages[key] = lock.packages[key];
  Object.keys(packages[key].dependencies ?? {}).forEach(take);
};
take("swagger-ui-dist");
const dependencies = { "swagger-ui-dist": packages["node_modules/swagger-ui-dist"].version };
fs.mkdirSync(folder);
fs.writeFileSync(`${folder}/package.json`, JSON.stringify({ name: "docs-ui", dependencies }));
packages[""] = { name: "docs-ui", dependencies };
fs.writeFileSync(`${folder}/package-lock.json`, JSON.stringify({ name: "docs-ui", lockfileVersion: 3, packages }));
JS
    (cd "$WORK/npm" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 \
        --fetch-timeout=30000 </dev/null) >"$WORK/npm.log" 2>&1 || {
        tail -n 5 "$WORK/npm.log" >&2
        fail "npm could not fetch swagger-ui-dist"
    }
}

# install FROM NAME: the file, and its twin for clients that take gzip.
install_file() {
    install -m 644 "$1" "$WORK/out/$2"
    case $2 in *.png) ;; *) gzip -9nc "$1" >"$WORK/out/$2.gz" ;; esac
}

assemble() {
    local from=$1 version start
    version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$from/package.json")
    start=start-$(sha256sum "$OWN/start.js" | cut -c 1-8).js
    mkdir "$WORK/out"
    install_file "$from/swagger-ui.css" "swagger-ui-$version.css"
    install_file "$from/swagger-ui-bundle.js" "swagger-ui-$version.js"
    install_file "$from/favicon-32x32.png" "icon-$version.png"
    install_file "$OWN/start.js" "$start"
    sed -e "s/@STYLE@/swagger-ui-$version.css/; s/@BUNDLE@/swagger-ui-$version.js/" \
        -e "s/@ICON@/icon-$version.png/; s/@START@/$start/" "$OWN/index.html" >"$WORK/index.html"
    install_file "$WORK/index.html" index.html
    install -m 644 "$from/LICENSE" "$from/NOTICE" "$WORK/out/"
    recipe >"$WORK/out/.made"
}

main() {
    local from=$NPM/node_modules/swagger-ui-dist
    [ "$(recipe)" != "$(cat "$OUT/.made" 2>/dev/null)" ] || return 0
    mkdir -p "$(dirname "$OUT")"
    exec 8>"$OUT.lock" && flock 8
    [ "$(recipe)" != "$(cat "$OUT/.made" 2>/dev/null)" ] || return 0
    WORK=$(mktemp -d "$OUT.XXXXXX")
    trap clean_up EXIT
    cmp -s "$NPM/package-lock.json" "$NPM/node_modules/.installed-lock.json" || {
        fetch
        from=$WORK/npm/node_modules/swagger-ui-dist
    }
    assemble "$from"
    # A gateway that has read the old files keeps them.
    rm -rf "$OUT"
    mv "$WORK/out" "$OUT"
}

main
