#!/bin/sh
# Node's soap package; "npm ci" in this folder installs it.
[ "$1" = talk ] || exit 0
exec node "$(dirname "$0")/client.js"
