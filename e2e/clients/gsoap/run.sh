#!/bin/sh
# gSOAP: wsdl2h and soapcpp2, the C++ proxy class.
set -e
here=$(cd "$(dirname "$0")" && pwd)
if [ "$1" = build ]; then
  [ -x "$BUILD/client" ] && exit 0
  # In a folder of its own: another run of the checks may be building the same.
  work=$(mktemp -d "$BUILD/XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  wsdl2h -o service.h "$WSDL"
  soapcpp2 -1 -j -C -x -I/usr/share/gsoap/import service.h
  g++ -O0 -w -I. -I"$here" -o client "$here/${PORT}_$STYLE.cpp" soapC.cpp soap*Proxy.cpp -lgsoap++
  mv client "$BUILD/client"
  exit 0
fi
exec "$BUILD/client"
