#!/bin/sh
# Python zeep. Debian's zeep belongs to /usr/bin/python3, which need not be the first python3 on the path.
[ "$1" = talk ] || exit 0
python=python3
$python -c 'import zeep' 2>/dev/null || python=/usr/bin/python3
PYTHONDONTWRITEBYTECODE=1 exec $python "$(dirname "$0")/client.py"
